using Microsoft.Extensions.Diagnostics.HealthChecks;
using VoiceWorker.Bus;
using VoiceWorker.Health;
using VoiceWorker.Observability;
using VoiceWorker.Persistence;
using VoiceWorker.Servers;

namespace VoiceWorker.Boot;

/// <summary>
/// Has the worker consume what operators let it consume: asks for their orders four times a second, obeys, and writes
/// into its row that it has. While PostgreSQL does not answer, what it said last is in force.
/// </summary>
internal sealed class ConsumingWatch(
    PostgresConnections connections, Inputs inputs, Heartbeat heartbeat, Readiness readiness, WorkerMetrics metrics,
    TimeProvider time, ILogger<ConsumingWatch> logger)
    : Duty("consuming", BetweenLooks, readiness, metrics, time), IHealthCheck
{
    // With the statement and the broker's answer it is well within a second.
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(250);

    private (string Paused, bool IsDrained)? _told;

    /// <summary>Before anything is consumed: returns when the worker has its row, and its orders. In this order:
    /// whoever pauses a queue either sees the row and waits for it, or is seen.</summary>
    public async Task JoinAsync(CancellationToken cancellationToken)
    {
        await using (var connection = await connections.OpenAsync(cancellationToken))
            await heartbeat.BeatAsync(connection, isReady: false, CancellationToken.None);
        await LearnAsync(cancellationToken);
    }

    /// <summary>Degraded, which is ready all the same: an operator wants it so, and nobody is to forget it.</summary>
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var paused = inputs.All.Where(input => input.IsShut).Select(input => input.Queue).ToList();
        return Task.FromResult(inputs.IsDraining
            ? HealthCheckResult.Degraded(inputs.Tell() is { IsDrained: false, InFlight: var inFlight }
                ? $"draining: {inFlight} in flight" : "drained")
            : paused.Count > 0 ? HealthCheckResult.Degraded($"paused: {string.Join(", ", paused)}")
            : HealthCheckResult.Healthy("nothing is paused"));
    }

    protected override async Task<bool> RunRoundAsync(CancellationToken cancellationToken)
    {
        await LearnAsync(cancellationToken);
        foreach (var (queue, isShut) in inputs.All)
            Metrics.Paused(queue, isShut);
        var now = inputs.Tell();
        var telling = (string.Join(',', now.Paused), now.IsDrained);
        if (_told == telling)
            return false;
        // Not cancelled: the cancellation of a statement waits for the server, and a stop would wait for that.
        await using var connection = await connections.OpenAsync(cancellationToken);
        await WorkerTable.TellAsync(connection, heartbeat.WorkerId, now, CancellationToken.None);
        _told = telling;
        return false;
    }

    private async Task LearnAsync(CancellationToken cancellationToken)
    {
        ConsumingOrders orders;
        await using (var connection = await connections.OpenAsync(cancellationToken))
            orders = await ConsumingOrders.ReadAsync(connection, heartbeat.WorkerId, CancellationToken.None);
        await inputs.ObeyAsync(orders);
    }

    protected override void LogFailing(string failure) => logger.OrdersUnknown(failure);

    protected override void LogRecovered() => logger.OrdersKnown();
}
