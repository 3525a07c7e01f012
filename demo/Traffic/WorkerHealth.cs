using System.Net;
using VoiceWorker.Infrastructure.Processes;

namespace VoiceWorker.Demo.Traffic;

/// <summary>A worker that somebody else started, at <c>VOICE_WORKER_URL</c>.</summary>
internal static class WorkerHealth
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly HttpClient Client = new() { Timeout = TimeSpan.FromSeconds(2) };

    /// <summary>Its address; null when none is given.</summary>
    public static Uri? Given() => Environment.GetEnvironmentVariable("VOICE_WORKER_URL") is { Length: > 0 } url ? new Uri(url) : null;

    public static Task<bool> IsAliveAsync(Uri url, CancellationToken cancellationToken) =>
        IsOkAsync(new Uri(url, "/health/live"), cancellationToken);

    /// <exception cref="InvalidOperationException">It was not ready within 2 min.</exception>
    public static async Task WaitReadyAsync(Uri url, CancellationToken cancellationToken)
    {
        var health = new Uri(url, "/health/ready");
        Screen.Note($"waiting until {health} answers 200");
        if (!await Polling.UntilAsync(token => IsOkAsync(health, token), Patience, cancellationToken))
            throw new InvalidOperationException($"The worker was not ready within {Patience}: {health}");
    }

    private static async Task<bool> IsOkAsync(Uri url, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await Client.GetAsync(url, cancellationToken);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception notYet) when (notYet is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }
}
