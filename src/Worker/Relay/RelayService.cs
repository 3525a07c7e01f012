using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using VoiceWorker.Health;
using VoiceWorker.Observability;
using VoiceWorker.Persistence;
using VoiceWorker.Servers;

namespace VoiceWorker.Relay;

/// <summary>Runs the relay's rounds from the end of the boot to the end of the process.</summary>
internal sealed class RelayService(
    AuditRelay relay, RelayHealth health, Readiness readiness, WorkerMetrics metrics, IOptions<AuditOptions> options,
    TimeProvider time, ILogger<RelayService> logger)
    : Duty("relay", options.Value.PollInterval, readiness, metrics, time)
{
    // Never disposed, and holds nothing to dispose of: a host that fails while it starts ends before this has begun.
    private readonly CancellationTokenSource _cutOff = new();
    private RelayRound _last = RelayRound.Standby;
    private bool _isKnownToLead;

    /// <summary>Finishes the round that has begun: cut off between publishing and the checkpoint, it would be
    /// repeated.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await using var cutting = cancellationToken.Register(() => _ = _cutOff.CancelAsync());
        await base.StopAsync(CancellationToken.None);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await base.ExecuteAsync(stoppingToken);
        await LeaveAsync(_cutOff.Token);
    }

    protected override CancellationToken CutOff(CancellationToken stopping) => _cutOff.Token;

    // A new leader's first round publishes nothing.
    protected override bool HasProven =>
        _last.Published > 0 || _last.Pending == 0 || _last.Obstacle is not null;

    protected override async Task<bool> RunRoundAsync(CancellationToken cancellationToken)
    {
        var begun = Time.GetTimestamp();
        var round = await relay.RunOnceAsync(cancellationToken);
        Note(round, Time.GetElapsedTime(begun));
        return round.MustGoOn;
    }

    protected override Task PauseAsync(CancellationToken stopping) =>
        relay.WaitAsync(isHeld: _last.Obstacle is not null, stopping);

    protected override Task<bool> RestAsync(TimeSpan duration, CancellationToken stopping) =>
        relay.RestAsync(duration, stopping);

    protected override void LogFailing(string failure) => logger.RelayFailed(failure);

    protected override void LogRecovered() => logger.RelayRecovered();

    protected override void NoteFailure(Exception failure, string description, TimeSpan elapsed)
    {
        health.NoteFailure(description);
        Metrics.RelayFailed(elapsed, ServerFailure.Of(failure).Code);
        _last = _last with { IsLeader = false };
    }

    private void Note(RelayRound round, TimeSpan elapsed)
    {
        health.Note(round);
        Metrics.Leads(round.IsLeader);
        if (round.IsLeader)
            Metrics.Relayed(elapsed);
        // Whoever fails takes the leadership anew: the same leader, unless another was faster.
        if (round.IsLeader && !_isKnownToLead)
            logger.RelayLeads();
        _isKnownToLead = round.IsLeader;
        if (round.Obstacle != _last.Obstacle)
        {
            if (round.Obstacle is { } obstacle)
                logger.RelayHeld(obstacle);
            else
                logger.RelayResumed();
        }

        if (round.Unremembered != _last.Unremembered)
            NoteMemory(round.Unremembered);
        _last = round;
    }

    private void NoteMemory(string? unremembered)
    {
        if (unremembered is { } reason)
            logger.MemoryLost(reason);
        else
            logger.MemoryRegained();
    }

    private async Task LeaveAsync(CancellationToken cutOff)
    {
        try
        {
            Metrics.Leads(false);
            await relay.LeaveAsync(cutOff);
        }
        catch (Exception failure)
        {
            // What was published since the checkpoint is published again by the next leader, with the same ids.
            logger.RelayFailed(ServerFailure.Describe(failure));
        }
    }
}

/// <summary>What the relay says of itself: degraded, never unready, because calls are answered without it.</summary>
/// <param name="connections">Say when its first round after a promotion is waited for.</param>
internal sealed class RelayHealth(PostgresConnections connections) : IHealthCheck
{
    private volatile string? _obstacle;
    private volatile string? _loss;
    private volatile string? _unremembered;
    private volatile bool _isLeader;

    public bool IsLeader => _isLeader;

    /// <summary>Why audit events are held; null while they are not.</summary>
    public string? Obstacle => _obstacle;

    public void Note(RelayRound round) =>
        (_obstacle, _loss, _unremembered, _isLeader) =
        (round.Obstacle, round.Loss, round.Unremembered, round.IsLeader);

    public void NoteFailure(string failure) => (_obstacle, _isLeader) = (failure, false);

    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var role = _isLeader ? "leader" : "standby";
        return Task.FromResult(Problem(role) is { } problem
            ? HealthCheckResult.Degraded(problem) : HealthCheckResult.Healthy(role));
    }

    private string? Problem(string role) => this switch
    {
        { _obstacle: { } failure } when connections.Obstacle is { } wait => $"{wait}, which fails ({failure})",
        _ when connections.Obstacle is { } wait => wait,
        { _obstacle: { } obstacle } => $"audit events are held ({role}): {obstacle}",
        { _loss: { } loss } => loss,
        { _unremembered: { } reason } => $"what is published is not remembered: {reason}",
        _ => null,
    };
}
