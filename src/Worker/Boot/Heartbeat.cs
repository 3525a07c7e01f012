using System.Reflection;
using Microsoft.Extensions.Options;
using Npgsql;
using VoiceWorker.Bus;
using VoiceWorker.Observability;
using VoiceWorker.Persistence;
using VoiceWorker.Relay;

namespace VoiceWorker.Boot;

/// <summary>This worker's row in <c>voice.worker</c>.</summary>
internal sealed class Heartbeat(
    RelayHealth relay, Inputs inputs, WorkerMetrics metrics, IOptions<ObservabilityOptions> options, TimeProvider time)
{
    // Two that were missed are no reason to be taken for gone, nor is a busy machine.
    private const int Lives = 3;
    private static readonly TimeSpan LeastLifetime = TimeSpan.FromSeconds(15);

    private static readonly string Version = typeof(Heartbeat).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    private readonly TimeSpan _lifetime = TimeSpan.FromTicks(
        Math.Max((Lives * options.Value.Interval).Ticks, LeastLifetime.Ticks));
    private long _recorded = metrics.CallsRecorded;
    private long _countedAt = time.GetTimestamp();

    /// <summary>Of this process.</summary>
    public Guid WorkerId { get; } = Guid.NewGuid();

    public async Task BeatAsync(NpgsqlConnection connection, bool isReady, CancellationToken cancellationToken)
    {
        var (recorded, elapsed) = (metrics.CallsRecorded, time.GetElapsedTime(_countedAt));
        var rate = elapsed > TimeSpan.Zero ? Math.Max(0, recorded - _recorded) / elapsed.TotalSeconds : 0;
        (_recorded, _countedAt) = (recorded, time.GetTimestamp());
        var state = new WorkerState(
            Environment.MachineName, Version, relay.IsLeader, isReady, rate, relay.Obstacle,
            inputs.Tell(), metrics.TakeReplies()) { WorkerId = WorkerId };
        await WorkerTable.BeatAsync(connection, state, _lifetime, cancellationToken);
    }
}
