using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using VoiceWorker.Boot;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Infrastructure.Servers;
using VoiceWorker.Verbs;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Tests.Integration.Hosting;

/// <summary>A worker within the suite's process: what <c>run</c> starts, with the HTTP server, and its log by line.</summary>
internal sealed class HostedWorker : IWorker
{
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromMinutes(2);

    private readonly OutputLines _output = new();
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(2) };
    private readonly WebApplication _worker;
    private readonly DutyRounds _looks;
    private readonly Task<int> _running;

    private HostedWorker(Uri http, string[] settings)
    {
        Http = http;
        using (ConsoleRoute.To(_output))
        {
            _worker = WorkerHost.BuildWorker([.. settings, $"--urls={http}", "--Logging:Console:FormatterName=lines"]);
            Tools.ValidateSettings(_worker.Services);
            _looks = new DutyRounds(_worker.Services.GetRequiredService<IMeterFactory>(), "return");
            _running = RunVerb.RunAsync(_worker);
        }
    }

    public Uri Http { get; }

    public IReadOnlyList<string> Output => _output.Lines;

    public bool HasExited => _running.IsCompleted;

    /// <summary>Completes when it has looked for expired messages among the dead letters, which nobody else sees
    /// meanwhile: it does so soon after its start, and then a minute later.</summary>
    public Task HasLookedAtDeadLetters => _looks.Ran;

    /// <summary>Starts it with the arguments that a process would have.</summary>
    public static HostedWorker Start(IReadOnlyDictionary<string, string> environment, IEnumerable<string> args) => new(
        new Uri($"http://127.0.0.1:{FreePort.Next()}"), [.. args.Skip(1), .. HostedVerb.Settings(environment)]);

    public async Task WaitReadyAsync(CancellationToken cancellationToken)
    {
        var ready = await Polling.UntilAsync(
            async token => HasExited || await IsReadyAsync(token), ReadyLimit, cancellationToken);
        if (HasExited || !ready)
            throw new InvalidOperationException($"The worker was not ready:\n{string.Join('\n', Output)}");
    }

    public Task<int> TerminateAsync(CancellationToken cancellationToken)
    {
        if (!HasExited)
            _worker.Lifetime.StopApplication();
        return WaitForExitAsync(cancellationToken);
    }

    public Task<int> WaitForExitAsync(CancellationToken cancellationToken) => _running.WaitAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await TerminateAsync(CancellationToken.None);
        _client.Dispose();
        _looks.Dispose();
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _client.GetAsync(new Uri(Http, "/health/ready"), cancellationToken);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception notYet) when (notYet is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }
}
