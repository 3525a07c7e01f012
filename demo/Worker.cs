using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Infrastructure.Servers;

namespace VoiceWorker.Demo;

/// <summary>The worker beside us as a program: started for its verbs, and in the local demonstration to run.</summary>
internal sealed class Worker(ServerPair servers, LegacyDatabase database) : IAsyncDisposable
{
    private const string ConsoleMark = "Console: ";
    private const string MigrationDone = "58_add_business_voice_id complete";

    // 128 + n: it was asked to leave before it listened to signals.
    private static readonly int[] OrderlyExits = [0, 130, 143];
    private static readonly TimeSpan LogInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Dictionary<string, string> _connections = new()
    {
        ["ConnectionStrings__Postgres"] = database.ConnectionString,
        ["ConnectionStrings__RabbitMq"] = servers.RabbitMq.AmqpUri.ToString(),
    };

    private WorkerProcess? _process;
    private Uri? _console;
    private int _shown;

    public static string Dll { get; } = Path.Combine(AppContext.BaseDirectory, "VoiceWorker.dll");

    /// <summary>Where one listens that somebody else starts; null where we do.</summary>
    public static Uri? Given { get; } =
        Environment.GetEnvironmentVariable("VOICE_WORKER_URL") is { Length: > 0 } url ? new Uri(url) : null;

    /// <summary>Where it listens.</summary>
    public Uri Http => Given ?? _process!.Http;

    /// <summary>Where its console can be opened, once: the address that it printed last; null where it is not ours.</summary>
    public string? ConsoleLink => _process?.Output.LastOrDefault(line => line.StartsWith(ConsoleMark, StringComparison.Ordinal))
        ?[ConsoleMark.Length..];

    /// <summary>Its log is shown while it boots; returns when it is ready.</summary>
    /// <exception cref="InvalidOperationException">It ended or was not ready in time; its output says why.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (Given is not null)
        {
            Screen.Note($"waiting until {Http}health/ready answers 200");
            if (!await Polling.UntilAsync(token => WorkerProcess.IsReadyAsync(Http, token), Patience, cancellationToken))
                throw new InvalidOperationException($"The worker was not ready within {Patience}");
            return;
        }

        _console = new Uri($"http://127.0.0.1:{FreePort.Next()}");
        _process = WorkerProcess.Start(Dll, new Dictionary<string, string>(_connections)
        {
            ["Console__Enabled"] = "true",
            ["Console__Urls"] = _console.ToString().TrimEnd('/'),
            // The machine may be a small one that has just built all this, and no caller is waiting.
            ["Replies__Deadline"] = "00:00:05",
            ["Logging__Console__FormatterName"] = "simple",
            ["Logging__Console__FormatterOptions__SingleLine"] = "true",
        }, ["run"]);
        Screen.Note($"dotnet VoiceWorker.dll run, process {_process.Id}; until {Http}health/ready answers 200");
        var ready = _process.WaitReadyAsync(cancellationToken);
        while (!ready.IsCompleted)
        {
            ShowLog(_process);
            await Task.WhenAny(ready, Task.Delay(LogInterval, CancellationToken.None));
        }

        ShowLog(_process);
        await ready;
    }

    /// <summary>Runs one of its verbs to its end; returns what it wrote, its log left out.</summary>
    /// <exception cref="InvalidOperationException">The exit code is not 0; the message has the output.</exception>
    public async Task<string> RunAsync(string verb, CancellationToken cancellationToken)
    {
        var quiet = new Dictionary<string, string>(_connections) { ["Logging__LogLevel__Default"] = "Error" };
        await using var process = WorkerProcess.Start(Dll, quiet, verb.Split(' '));
        var exitCode = await process.WaitForExitAsync(cancellationToken);
        var output = string.Join('\n', process.Output);
        return exitCode == 0 ? output : throw new InvalidOperationException($"{verb} ended with {exitCode}: {output}");
    }

    /// <summary>Returns 0 at a signal, which is how this is meant to end.</summary>
    /// <exception cref="InvalidOperationException">The worker has ended.</exception>
    public async Task<int> StayUpAsync(CancellationToken cancellationToken)
    {
        var end = _process?.WaitForExitAsync(cancellationToken) ?? Task.Delay(Timeout.Infinite, cancellationToken);
        await end.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // Ctrl-C reaches it as well, and it may be faster than we are.
        await Task.Delay(LogInterval, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return cancellationToken.IsCancellationRequested ? 0 : throw new InvalidOperationException(
            $"The worker has ended. Its last lines:\n{string.Join('\n', _process!.Output.TakeLast(20))}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is null)
            return;
        Screen.Note("stopping the worker, then what was started of its servers");
        var exitCode = await _process.TerminateAsync(CancellationToken.None);
        if (!OrderlyExits.Contains(exitCode))
            Screen.Fail($"The worker ended with {exitCode}");
        await _process.DisposeAsync();
    }

    private void ShowLog(WorkerProcess process)
    {
        foreach (var line in process.Output.Skip(_shown))
        {
            _shown++;
            Screen.Line("worker", line, line.Contains(MigrationDone, StringComparison.Ordinal) ? "green" : "grey");
        }
    }
}
