using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace VoiceWorker.Relay;

/// <summary>What the relay says of itself: degraded, never unready, because calls are answered without it.</summary>
internal sealed class RelayHealth : IHealthCheck
{
    private volatile string? _obstacle;
    private volatile bool _isLeader;

    /// <summary>Whether this worker relays.</summary>
    public bool IsLeader => _isLeader;

    /// <summary>Why audit events are held; null while they are not.</summary>
    public string? Obstacle => _obstacle;

    /// <summary>Notes the outcome of a round.</summary>
    public void Note(RelayRound round) => (_obstacle, _isLeader) = (round.Obstacle, round.IsLeader);

    /// <summary>Notes that a round failed.</summary>
    public void NoteFailure(string failure) => (_obstacle, _isLeader) = (failure, false);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var role = _isLeader ? "leader" : "standby";
        return Task.FromResult(_obstacle is { } obstacle
            ? HealthCheckResult.Degraded($"audit events are held ({role}): {obstacle}")
            : HealthCheckResult.Healthy(role));
    }
}
