using VoiceWorker.Bench.Broker;
using VoiceWorker.Bench.Machine;
using VoiceWorker.Infrastructure.Processes;

namespace VoiceWorker.Bench.Systems;

/// <summary>A system under test as a process, with the probe inside.</summary>
internal sealed class RunningSystem : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);

    private readonly WorkerProcess _process;
    private readonly string _probe;

    private RunningSystem(WorkerProcess process, string probe) => (_process, _probe) = (process, probe);

    public double Cpu => CpuTime.Of([_process.Id]);

    public double ResidentMiB => Memory.ResidentOf(_process.Id);

    /// <summary>Returns when it consumes.</summary>
    /// <exception cref="InvalidOperationException">It does not; the message has its output.</exception>
    public static async Task<RunningSystem> StartAsync(
        SystemUnderTest system, BenchServers servers, BenchDatabase database, BenchBroker broker, CancellationToken cancellationToken)
    {
        var probe = Path.Combine(Path.GetTempPath(), $"voice-bench-{Guid.NewGuid():N}");
        var environment = new Dictionary<string, string>(system.Settings)
        {
            ["ConnectionStrings__Postgres"] = database.ConnectionString,
            ["ConnectionStrings__RabbitMq"] = servers.RabbitMq.AmqpUri.ToString(),
            ["DOTNET_STARTUP_HOOKS"] = SystemUnderTest.Published("probe", "VoiceWorker.Bench.Probe"),
            ["VOICE_BENCH_PROBE"] = probe,
        };
        var running = new RunningSystem(WorkerProcess.Start(system.Dll, environment, []), probe);
        await running.WaitAsync(system, broker, cancellationToken);
        return running;
    }

    public Task<ProbeReading> ProbeAsync(CancellationToken cancellationToken) => ProbeReading.ReadAsync(_probe, cancellationToken);

    public void Suspend() => _process.Suspend();

    public void Resume() => _process.Resume();

    /// <summary>In order: afterwards nothing more comes from it.</summary>
    public async Task StopAsync(CancellationToken cancellationToken) => await _process.TerminateAsync(cancellationToken);

    public string Output => string.Join(Environment.NewLine, _process.Output.TakeLast(20));

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        File.Delete(_probe);
    }

    private async Task WaitAsync(SystemUnderTest system, BenchBroker broker, CancellationToken cancellationToken)
    {
        var consumes = await Polling.UntilAsync(
            async token => _process.HasExited || await broker.HasConsumerAsync(system.Queues[0], token), StartLimit, cancellationToken);
        if (consumes && !_process.HasExited)
            return;
        var output = Output;
        await DisposeAsync();
        throw new InvalidOperationException($"The {system.Name} does not consume. Its output:{Environment.NewLine}{output}");
    }
}
