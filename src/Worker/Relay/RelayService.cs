using VoiceWorker.Commit;
using VoiceWorker.Health;
using VoiceWorker.Observability;
using VoiceWorker.Servers;

namespace VoiceWorker.Relay;

/// <summary>Runs the relay's rounds from the end of the boot to the end of the process.</summary>
internal sealed class RelayService(
    AuditRelay relay, RelayHealth health, Readiness readiness, WorkerMetrics metrics, TimeProvider time, ILogger<RelayService> logger)
    : BackgroundService
{
    private readonly CancellationTokenSource _cutOff = new();
    private RelayRound _last = RelayRound.Standby;
    private int _failures;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await readiness.SchemaVerified.WaitAsync(stoppingToken);
            while (!stoppingToken.IsCancellationRequested)
                await RunRoundAsync(_cutOff.Token, stoppingToken);
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops; what a round that was cut off has begun, the next leader repeats.
        }

        await LeaveAsync(_cutOff.Token);
    }

    /// <summary>Finishes the round that has begun: cut off between publishing and the checkpoint, it would be repeated.</summary>
    /// <param name="cancellationToken">Cuts it off.</param>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await using var cutting = cancellationToken.Register(_cutOff.Cancel);
        await base.StopAsync(CancellationToken.None);
    }

    /// <inheritdoc />
    public override void Dispose()
    {
        _cutOff.Dispose();
        base.Dispose();
    }

    private async Task RunRoundAsync(CancellationToken cutOff, CancellationToken stopping)
    {
        var begun = time.GetTimestamp();
        try
        {
            // A server that stands still answers no cancellation either; a round left behind is like one cut off by a crash.
            var round = await relay.RunOnceAsync(cutOff).WaitAsync(cutOff);
            Note(round, time.GetElapsedTime(begun));
            if (!round.MustGoOn)
                await relay.WaitAsync(round.Obstacle is not null, stopping);
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !stopping.IsCancellationRequested)
        {
            if (++_failures == 1)
                logger.RelayFailed(ServerFailure.Describe(failure));
            health.NoteFailure(ServerFailure.Describe(failure));
            metrics.RelayFailed(time.GetElapsedTime(begun), ServerFailure.Of(failure).Code);
            await Task.Delay(Retry.DelayAfter(_failures), time, stopping);
        }
    }

    private async Task LeaveAsync(CancellationToken cutOff)
    {
        try
        {
            metrics.Leads(false);
            await relay.LeaveAsync(cutOff);
        }
        catch (Exception failure)
        {
            // What was published since the checkpoint is published again by the next leader, with the same ids.
            logger.RelayFailed(ServerFailure.Describe(failure));
        }
    }

    private void Note(RelayRound round, TimeSpan elapsed)
    {
        health.Note(round);
        metrics.Leads(round.IsLeader);
        if (round.IsLeader)
            metrics.Relayed(elapsed);
        if (round.IsLeader && (!_last.IsLeader || _failures > 0))
            logger.RelayLeads();
        if (round.Obstacle != _last.Obstacle)
        {
            if (round.Obstacle is { } obstacle)
                logger.RelayHeld(obstacle);
            else
                logger.RelayResumed();
        }

        (_last, _failures) = (round, 0);
    }
}
