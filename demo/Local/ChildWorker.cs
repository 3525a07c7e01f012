using VoiceWorker.Demo.Legacy;
using VoiceWorker.Infrastructure.Processes;

namespace VoiceWorker.Demo.Local;

/// <summary>The worker as a child process, its log shown while it boots.</summary>
internal sealed class ChildWorker : IAsyncDisposable
{
    private const string MigrationDone = "58_add_business_voice_id complete";

    // 128 + n: it was asked to leave before it listened to signals.
    private static readonly int[] OrderlyExits = [0, 130, 143];
    private static readonly TimeSpan LogInterval = TimeSpan.FromMilliseconds(100);

    private readonly WorkerProcess _process;
    private int _shown;

    private ChildWorker(WorkerProcess process) => _process = process;

    public Uri Http => _process.Http;

    /// <summary>Returns when it is ready.</summary>
    /// <exception cref="InvalidOperationException">It ended or was not ready in time; the message has its output.</exception>
    public static async Task<ChildWorker> StartAsync(DemoServers servers, CancellationToken cancellationToken)
    {
        var dll = Path.Combine(AppContext.BaseDirectory, "VoiceWorker.dll");
        var worker = new ChildWorker(WorkerProcess.Start(dll, EnvironmentFor(servers), ["run"]));
        try
        {
            Screen.Note($"dotnet VoiceWorker.dll run, process {worker._process.Id}; "
                + $"waiting until {worker.Http}health/ready answers 200");
            await worker.ShowLogUntilAsync(worker._process.WaitReadyAsync(cancellationToken));
            return worker;
        }
        catch
        {
            await worker.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits for a signal, which is how this is meant to end, or for the end of the worker, which is not.</summary>
    public async Task<int> StayUpAsync(CancellationToken cancellationToken)
    {
        try
        {
            var exitCode = await _process.WaitForExitAsync(cancellationToken);
            // Ctrl-C reaches it as well, and it may be faster than we are.
            await Task.Delay(LogInterval, cancellationToken);
            throw new InvalidOperationException($"The worker ended with {exitCode}. Its last lines:{Environment.NewLine}"
                + string.Join(Environment.NewLine, _process.Output.TakeLast(20)));
        }
        catch (OperationCanceledException)
        {
            return 0;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Screen.Note("stopping the worker");
        var exitCode = await _process.TerminateAsync(CancellationToken.None);
        if (!OrderlyExits.Contains(exitCode))
            Screen.Fail($"The worker ended with {exitCode}");
        await _process.DisposeAsync();
    }

    private static Dictionary<string, string> EnvironmentFor(DemoServers servers) => new()
    {
        ["ConnectionStrings__Postgres"] = new LegacyDatabase(servers.Postgres).ConnectionString,
        ["ConnectionStrings__RabbitMq"] = servers.RabbitMq.AmqpUri.ToString(),
        // The machine may be a small one that has just built all this, and no caller is waiting.
        ["Replies__Deadline"] = "00:00:05",
        ["Logging__Console__FormatterName"] = "simple",
        ["Logging__Console__FormatterOptions__SingleLine"] = "true",
    };

    private async Task ShowLogUntilAsync(Task ready)
    {
        while (!ready.IsCompleted)
        {
            ShowNewLines();
            await Task.WhenAny(ready, Task.Delay(LogInterval, CancellationToken.None));
        }

        ShowNewLines();
        await ready;
    }

    private void ShowNewLines()
    {
        foreach (var line in _process.Output.Skip(_shown))
        {
            _shown++;
            Screen.Line("worker", line, line.Contains(MigrationDone, StringComparison.Ordinal) ? "green" : "grey");
        }
    }
}
