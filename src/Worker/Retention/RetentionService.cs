using System.Globalization;
using Microsoft.Extensions.Options;
using VoiceWorker.Health;
using VoiceWorker.Observability;
using VoiceWorker.Relay;
using VoiceWorker.Servers;

namespace VoiceWorker.Retention;

/// <summary>Runs a sweep every <c>Retention:Interval</c> on the worker that relays.</summary>
internal sealed class RetentionService(
    RetentionSweep sweep, RelayHealth relay, Readiness readiness, IOptions<RetentionOptions> options,
    WorkerMetrics metrics, TimeProvider time, ILogger<RetentionService> logger)
    : Duty("retention", options.Value.Interval, readiness, metrics, time)
{
    protected override bool IsDue => relay.IsLeader;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        options.Value.IsOn ? base.ExecuteAsync(stoppingToken) : Task.CompletedTask;

    protected override async Task<bool> RunRoundAsync(CancellationToken cancellationToken)
    {
        var round = await sweep.RunOnceAsync(cancellationToken);
        if (round.Until is { } until)
        {
            logger.RetentionRemoved(
                round.Decisions, round.Events, until.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
                round.Batches);
        }

        return false;
    }

    protected override void LogFailing(string failure) => logger.RetentionFailed(failure);

    protected override void LogRecovered() => logger.RetentionRecovered();
}

/// <summary>What removing by age needs.</summary>
internal static class RetentionRegistration
{
    /// <summary>Adds the sweep and its service.</summary>
    public static IServiceCollection AddRetention(this IServiceCollection services) => services
        .AddSingleton<RetentionCheck>()
        .AddSingleton<RetentionSweep>()
        .AddHostedService<RetentionService>();
}
