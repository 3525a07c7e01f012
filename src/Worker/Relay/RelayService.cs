using VoiceWorker.Persistence.Commit;

namespace VoiceWorker.Relay;

/// <summary>Runs the relay's rounds from the end of the boot to the end of the process.</summary>
internal sealed class RelayService(
    AuditRelay relay, RelayHealth health, Boot.Readiness readiness, TimeProvider time, ILogger<RelayService> logger)
    : BackgroundService
{
    private RelayRound _last = RelayRound.Standby;
    private int _failures;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await readiness.SchemaVerified.WaitAsync(stoppingToken);
            while (true)
                await RunRoundAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task RunRoundAsync(CancellationToken cancellationToken)
    {
        try
        {
            var round = await relay.RunOnceAsync(cancellationToken);
            Note(round);
            if (!round.DidSomething || round.Obstacle is not null)
                await relay.WaitAsync(round.Obstacle is not null, cancellationToken);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            if (++_failures == 1)
                logger.RelayFailed(SqlFailure.Describe(failure));
            health.NoteFailure(failure.GetType().Name);
            await Task.Delay(Retry.DelayAfter(_failures), time, cancellationToken);
        }
    }

    private void Note(RelayRound round)
    {
        health.Note(round);
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
