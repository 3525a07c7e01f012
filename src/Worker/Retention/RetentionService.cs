using System.Globalization;
using Microsoft.Extensions.Options;
using VoiceWorker.Health;
using VoiceWorker.Servers;

namespace VoiceWorker.Retention;

/// <summary>Runs a sweep every <c>Retention:Interval</c>, from the end of the boot to the end of the process.</summary>
internal sealed class RetentionService(
    RetentionSweep sweep, Readiness readiness, IOptions<RetentionOptions> options, TimeProvider time,
    ILogger<RetentionService> logger)
    : BackgroundService
{
    private bool _hasFailed;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.IsOn)
            return;
        try
        {
            await readiness.SchemaVerified.WaitAsync(stoppingToken);
            while (true)
            {
                await Task.Delay(options.Value.Interval, time, stoppingToken);
                await RunRoundAsync(stoppingToken);
            }
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops; a batch in flight is rolled back.
        }
    }

    private async Task RunRoundAsync(CancellationToken stopping)
    {
        try
        {
            // A server that stands still answers no cancellation either.
            Note(await sweep.RunOnceAsync(stopping).WaitAsync(stopping));
            _hasFailed = false;
        }
        catch (Exception failure) when (!stopping.IsCancellationRequested)
        {
            if (!_hasFailed)
                logger.RetentionFailed(ServerFailure.Describe(failure));
            _hasFailed = true;
        }
    }

    private void Note(SweepRound round)
    {
        if (round.Until is { } until)
        {
            logger.RetentionRemoved(
                round.Decisions, round.Events, until.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
                round.Batches);
        }
    }
}
