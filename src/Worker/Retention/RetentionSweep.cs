using System.Globalization;
using Microsoft.Extensions.Options;
using Npgsql;
using VoiceWorker.Health;
using VoiceWorker.Observability;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Retention;
using VoiceWorker.Relay;
using VoiceWorker.Servers;

namespace VoiceWorker.Retention;

/// <summary>
/// Removes what is older than <c>Retention:*</c> in small transactions along the event store's primary key: decisions
/// first, then their events. The worker that relays does it; two at once would harm nothing.
/// </summary>
internal sealed class RetentionSweep(
    PostgresConnections connections, RelayHealth relay, IOptions<RetentionOptions> options, TimeProvider time,
    WorkerMetrics metrics)
{
    private static readonly TimeSpan TooLong = TimeSpan.FromMilliseconds(100);

    // Of the time, two thirds belong to the calls.
    private const int PauseFactor = 2;

    private readonly AdaptiveBatch _batch = new(first: 1_000, least: 100, most: 20_000, TooLong);

    /// <summary>Removes until nothing is too old; does nothing on a worker that does not relay.</summary>
    public async Task<SweepRound> RunOnceAsync(CancellationToken cancellationToken)
    {
        if (!options.Value.IsOn || !relay.IsLeader)
            return default;
        await using var connection = await connections.OpenAsync(cancellationToken);
        var (decisions, audit) = (options.Value.Decisions, options.Value.Audit);
        var round = await RemoveAsync(connection, RetentionStore.Decisions, decisions, default, cancellationToken);
        return await RemoveAsync(connection, RetentionStore.Audit, audit, round, cancellationToken);
    }

    private async Task<SweepRound> RemoveAsync(
        NpgsqlConnection connection, RetentionStore store, TimeSpan? keep, SweepRound round,
        CancellationToken cancellationToken)
    {
        while (keep is { } window && relay.IsLeader)
        {
            var asked = _batch.Size;
            var started = time.GetTimestamp();
            var removal = await RetentionTable.RemoveAsync(
                connection, store, window, time.GetUtcNow(), asked, cancellationToken);
            var took = time.GetElapsedTime(started);
            if (removal.Passed > 0)
                round = Add(round, store, removal);
            if (removal.Passed < asked)
                break;
            _batch.Took(took);
            await Task.Delay(took * PauseFactor, time, cancellationToken);
        }

        return round;
    }

    private SweepRound Add(SweepRound round, RetentionStore store, Removal removal)
    {
        metrics.Removed(store, removal.Removed);
        var (decisions, events) = store is RetentionStore.Decisions ? (removal.Removed, 0L) : (0L, removal.Removed);
        return new SweepRound(
            round.Decisions + decisions, round.Events + events, round.Batches + 1,
            removal.Until > round.Until ? removal.Until : round.Until ?? removal.Until);
    }
}

/// <summary>What one round removed.</summary>
/// <param name="Decisions">Calls and changes.</param>
/// <param name="Events">Audit events.</param>
/// <param name="Batches">Transactions that it took.</param>
/// <param name="Until">When the youngest of it was recorded; null when there was nothing to remove.</param>
internal readonly record struct SweepRound(long Decisions, long Events, int Batches, DateTimeOffset? Until);

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

internal static class RetentionRegistration
{
    public static IServiceCollection AddRetention(this IServiceCollection services) => services
        .AddSingleton<RetentionCheck>()
        .AddSingleton<RetentionSweep>()
        .AddHostedService<RetentionService>();
}
