using System.Text;
using Microsoft.Extensions.Options;
using Npgsql;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Relay;
using VoiceWorker.Servers;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.Audit;

/// <summary>Publishes events of the store again, as the relay published them, or into one queue.</summary>
internal static class AuditReplay
{
    private const int PageSize = 1_000;

    /// <summary>What would be published: what is sequenced meanwhile is published for the first time, by the
    /// relay.</summary>
    public static async Task<AuditReplayPlan> PlanAsync(
        NpgsqlConnection connection, AuditQuery query, CancellationToken cancellationToken)
    {
        var placed = (await CallPlace.FindAsync(connection, query, cancellationToken)).Query;
        var extent = await AuditTrail.MeasureAsync(connection, placed, cancellationToken);
        return new(placed with { LastPosition = extent.LastPosition, NewestFirst = false }, extent.Count);
    }

    /// <summary>Publishes it, until the end or the first event that is not taken.</summary>
    /// <param name="connection">Free; the store is read by it.</param>
    /// <param name="target">Where to.</param>
    /// <param name="act">Is counted when it ends.</param>
    /// <param name="progress">Is told how many are confirmed.</param>
    /// <param name="interruption">Ends it early, after the portion in flight.</param>
    public static async Task<AuditReplayResult> RunAsync(
        IServiceProvider services, NpgsqlConnection connection, AuditReplayPlan plan, AuditReplayTarget target,
        OperatorAct act, IProgress<long> progress, CancellationToken interruption)
    {
        // An event that reaches no queue is an error here, whatever Audit:Unrouted is.
        await using var publisher = new AuditPublisher(
            services.GetRequiredService<IOptions<ConnectionOptions>>(), Options.Create(new AuditOptions()),
            new AuditDestination(target.Queue, IsReplay: true), RelayLease.Default);
        var replay = new Replay(
            publisher, new Pace(target.Rate, services.GetRequiredService<TimeProvider>()), progress);
        (string? obstacle, var isInterrupted, Exception? outage) = (null, false, null);
        try
        {
            var events = AuditTrail.ReadAsync(connection, plan.Query, PageSize, interruption);
            obstacle = await replay.RunAsync(events, interruption);
        }
        catch (Exception) when (interruption.IsCancellationRequested)
        {
            (obstacle, isInterrupted) = ("interrupted", true);
        }
        catch (Exception failure) when (failure is not NpgsqlException
            && ServerFailure.Of(failure).Kind is FailureKind.Outage)
        {
            outage = services.GetRequiredService<ServerWait>().BrokerLost(failure);
        }
        finally
        {
            (act["published"], act["selected"]) = (replay.Published, plan.Count);
        }

        return new(replay.Published, replay.Last, obstacle, isInterrupted, outage);
    }
}

/// <summary>What is to be published.</summary>
/// <param name="Query">Up to where the store ended.</param>
/// <param name="Count">So many events.</param>
internal sealed record AuditReplayPlan(AuditQuery Query, long Count);

/// <summary>Where it is published to.</summary>
/// <param name="Queue">Straight into this; null for the exchanges that every consumer is bound to.</param>
/// <param name="Rate">At most so many per second; null for as fast as it goes.</param>
internal sealed record AuditReplayTarget(string? Queue, int? Rate)
{
    private const int LongestQueueName = 255;

    /// <summary>What <see cref="IsQueue"/> asks for.</summary>
    public static string QueueRule { get; } = $"the name of a queue (1–{LongestQueueName} bytes of UTF-8, not blank)";

    /// <summary>Whether RabbitMQ can have a queue of that name.</summary>
    public static bool IsQueue(string name) =>
        !string.IsNullOrWhiteSpace(name) && Encoding.UTF8.GetByteCount(name) <= LongestQueueName;

    /// <summary>In words.</summary>
    public string Name => Queue is null ? "their exchanges" : $"queue {Queue}";
}

/// <summary>What became of it.</summary>
/// <param name="Published">Events that the broker has confirmed.</param>
/// <param name="Last">The last of them; null when there is none.</param>
/// <param name="Obstacle">Why it stopped, naming the event that was not taken; null when it did not.</param>
/// <param name="IsInterrupted">Whether it was ended early.</param>
/// <param name="Outage">The broker was lost; null when it was not.</param>
internal sealed record AuditReplayResult(
    long Published, StoredEvent? Last, string? Obstacle, bool IsInterrupted, Exception? Outage)
{
    /// <summary>As an act.</summary>
    public OperatorActResult Ended => Outage is not null ? OperatorActResult.Failed
        : IsInterrupted ? OperatorActResult.Interrupted
        : Obstacle is null ? OperatorActResult.Done : OperatorActResult.Incomplete;

    /// <summary>Which event was the last, in words; null when all were published, or none.</summary>
    public string? LastText => Ended is OperatorActResult.Done || Last is not { } last ? null
        : $"The last that was confirmed is {Replay.NameOf(last)}, decided at "
            + Terminal.Instant(last.Event.OccurredAt);
}
