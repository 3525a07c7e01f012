using System.Reflection;
using Npgsql;
using VoiceWorker.Observability;
using VoiceWorker.Persistence;
using VoiceWorker.Relay;

namespace VoiceWorker.Boot;

/// <summary>This worker's row in <c>voice.worker</c>.</summary>
internal sealed class Heartbeat(RelayHealth relay, WorkerMetrics metrics, TimeSpan interval, TimeProvider time)
{
    // Two that were missed are no reason to be taken for gone, nor is a busy machine.
    private const int Lives = 3;
    private static readonly TimeSpan LeastLifetime = TimeSpan.FromSeconds(15);

    private static readonly string Version = typeof(Heartbeat).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    private readonly Guid _workerId = Guid.NewGuid();
    private readonly TimeSpan _lifetime = TimeSpan.FromTicks(Math.Max((Lives * interval).Ticks, LeastLifetime.Ticks));
    private long _recorded = metrics.CallsRecorded;
    private long _countedAt = time.GetTimestamp();

    public async Task BeatAsync(NpgsqlConnection connection, bool isReady, CancellationToken cancellationToken)
    {
        var (recorded, elapsed) = (metrics.CallsRecorded, time.GetElapsedTime(_countedAt));
        var rate = elapsed > TimeSpan.Zero ? Math.Max(0, recorded - _recorded) / elapsed.TotalSeconds : 0;
        (_recorded, _countedAt) = (recorded, time.GetTimestamp());
        var state = new WorkerState(
            Environment.MachineName, Version, relay.IsLeader, isReady, rate, relay.Obstacle);
        await WorkerTable.BeatAsync(connection, _workerId, state, _lifetime, cancellationToken);
    }
}
