using System.Net;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.Fixtures;

/// <summary>What a worker answers to who asks whether it is ready.</summary>
internal static class WorkerHealth
{
    private static readonly Uri Ready = new("/health/ready", UriKind.Relative);

    /// <summary>Waits until it is ready and says something, such as why it is Degraded.</summary>
    /// <param name="worker">Whose HTTP listens.</param>
    /// <param name="text">Part of the answer.</param>
    /// <param name="staysReady">Whether it may not be unready meanwhile either.</param>
    public static async Task SaysAsync(this IWorker worker, string text, bool staysReady = false)
    {
        using var http = new HttpClient { BaseAddress = worker.Http };
        var answer = "";
        var found = await Polling.UntilAsync(async token =>
        {
            using var response = await http.GetAsync(Ready, token);
            answer = await response.Content.ReadAsStringAsync(token);
            Assert.False(staysReady && response.StatusCode is not HttpStatusCode.OK, answer);
            return response.StatusCode is HttpStatusCode.OK && answer.Contains(text, StringComparison.Ordinal);
        }, Waits.Longest, TestContext.Current.CancellationToken);
        Assert.True(found, string.Join('\n', [answer, .. worker.Output]));
    }
}
