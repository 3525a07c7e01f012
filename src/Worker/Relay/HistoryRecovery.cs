using System.Globalization;
using Npgsql;
using VoiceWorker.Contracts;
using VoiceWorker.Observability;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Persistence.Businesses;
using VoiceWorker.Persistence.Calls;

namespace VoiceWorker.Relay;

/// <summary>
/// What a new leader does before it gives the first sequence: where the database goes on with another history than the
/// one that was published, it brings back what is remembered, and says in each stream what was lost.
/// </summary>
internal sealed class HistoryRecovery(
    PublishedMemory memory, PublishedHistory history, TimeProvider time, WorkerMetrics metrics,
    ILogger<HistoryRecovery> logger)
{
    // The clocks of the database, which moved the checkpoint, and of the broker, which dates the memory.
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    /// <summary>Compares and repairs, in one transaction. On the history of the checkpoint there is nothing to do.
    /// </summary>
    /// <param name="session">The leader's, without an open transaction.</param>
    /// <returns>What was lost, for people; null when nothing was.</returns>
    public async Task<string?> RunAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        var here = await HistoryOrigin.ReadAsync(session, cancellationToken);
        memory.Begin(here);
        var known = await NotedHistory.ReadAsync(session, cancellationToken);
        if (known.Origin == here && here.IsTold)
            return null;
        if (known.Origin is null)
            return await BeginAsync(session, here, cancellationToken);

        var remembered = await RememberAsync(session, known, cancellationToken);
        var unkept = await PublishedHistory.FindUnkeptAsync(session, remembered.Events, cancellationToken);
        var lost = new HistoryLoss(unkept, remembered.Extent, known.Origin, here);
        await RepairAsync(session, lost, cancellationToken);
        return Tell(lost);
    }

    // The first leader that knows of histories: what was published before is not remembered.
    private async Task<string?> BeginAsync(
        NpgsqlConnection session, HistoryOrigin here, CancellationToken cancellationToken)
    {
        try
        {
            await here.NoteAsync(session, cancellationToken);
            return null;
        }
        catch (PostgresException refused) when (SqlFailure.Of(refused).Kind is FailureKind.Privilege)
        {
            const string text = "which history this is may not be noted in voice.relay_checkpoint, so that a promotion "
                + "is not noticed: run docs/roles.sql again";
            logger.HistoryUnknown(text);
            return text;
        }
    }

    private async Task<RememberedHistory> RememberAsync(
        NpgsqlConnection session, NotedHistory known, CancellationToken cancellationToken)
    {
        var recent = await memory.ReadAsync(known.At - ClockTolerance, known.Published, cancellationToken);
        if (recent is null)
            return RememberedHistory.Unknown;
        var remembered = RememberedHistory.Of(recent, known);
        if (remembered.Extent is MemoryExtent.Whole)
            return remembered;
        // PostgreSQL ends the session of a leader that says nothing for long.
        await using (var sign = new NpgsqlCommand("SELECT 1", session))
            await sign.ExecuteNonQueryAsync(cancellationToken);
        // The clocks may differ by more.
        var all = await memory.ReadAsync(since: null, known.Published, cancellationToken);
        return all is null ? RememberedHistory.Unknown : RememberedHistory.Of(all, known);
    }

    private async Task RepairAsync(NpgsqlConnection session, HistoryLoss loss, CancellationToken cancellationToken)
    {
        await using var transaction = await session.BeginTransactionAsync(cancellationToken);
        if (loss.Events.Count > 0)
        {
            var again = loss.RecordedAgain;
            await RestoredChanges.RecordAsync(session, again.Select(one => one.Event), cancellationToken);
            await CallVoiceTable.RestoreAsync(
                session, [.. again.Select(one => one.Event).OfType<CallVoiceResolved>()], cancellationToken);
            await OperatorActionTable.RestoreAsync(
                session, [.. again.Select(one => one.Event).OfType<OperatorActed>()], cancellationToken);
            await history.AddAsync(
                session, [.. loss.Returning, .. loss.Announce(time.GetUtcNow())], cancellationToken);
        }

        await loss.Here.NoteAsync(session, cancellationToken);
        await RelayLeadership.CommitAsync(transaction, cancellationToken);
    }

    private string? Tell(HistoryLoss loss)
    {
        var text = loss.Describe();
        if (text is null)
            return null;
        metrics.HistoryLost(loss.RecordedAgain.Count, loss.Lost.Count - loss.RecordedAgain.Count);
        if (loss.Lost.Count == 0)
            logger.HistoryUnknown(text);
        else
            logger.HistoryLost(text);
        return text;
    }
}

/// <summary>What a promotion took away.</summary>
/// <param name="Events">Published events that the event store does not have as they were published.</param>
/// <param name="Extent">Whether these are all.</param>
/// <param name="Before">The history that was published.</param>
/// <param name="Here">The one that goes on.</param>
internal sealed record HistoryLoss(
    IReadOnlyList<UnkeptEvent> Events, MemoryExtent Extent, HistoryOrigin Before, HistoryOrigin Here)
{
    /// <summary>Those that are nowhere in this database: what waits in the outbox has lost its sequence
    /// only.</summary>
    public IReadOnlyList<UnkeptEvent> Lost { get; } = [.. Events.Where(one => one.State is not Unkept.Waiting)];

    /// <summary>Lost ones whose place is free.</summary>
    public IReadOnlyList<PublishedEvent> RecordedAgain { get; } =
        [.. Events.Where(one => one.State is Unkept.Missing).Select(one => one.Published)];

    /// <summary>What goes into the store with the sequence that it was published with.</summary>
    public IEnumerable<PublishedEvent> Returning =>
        Events.Where(one => one.State is not Unkept.Displaced).Select(one => one.Published);

    /// <summary>An event for each stream that lost one, above all that was published of it.</summary>
    public IEnumerable<PublishedEvent> Announce(DateTimeOffset now)
    {
        var ends = Events.GroupBy(one => one.Published.Event.Stream, StringComparer.Ordinal).ToDictionary(
            stream => stream.Key,
            stream => stream.Max(one => Math.Max(one.StreamEnd, one.Published.Event.Sequence)),
            StringComparer.Ordinal);
        return
            from one in Lost
            group one by one.Published.Event.Stream into stream
            select new PublishedEvent(new HistoryLost
            {
                EventId = Guid.CreateVersion7(now), Stream = stream.Key, Sequence = ends[stream.Key] + 1,
                OccurredAt = now, IsComplete = Extent is MemoryExtent.Whole,
                Lost = [.. stream.OrderBy(one => one.Published.Event.Sequence).Select(Describe)],
            }, TraceParent: null) { IsNew = true };
    }

    /// <summary>For people; null when nothing was lost.</summary>
    public string? Describe()
    {
        var promotion = $"timeline {Before.Timeline} to {Here.Timeline}";
        if (Lost.Count == 0)
        {
            return Extent switch
            {
                MemoryExtent.Whole => null,
                MemoryExtent.Hole => $"after a promotion ({promotion}) nothing is known to be lost, but the record of "
                    + $"what was published ({PublishedMemory.Queue}) has a hole",
                _ => $"whether published events were lost by a promotion ({promotion}) is not known: "
                    + $"{PublishedMemory.Queue} does not have what was published before",
            };
        }

        var times = Lost.Select(one => one.Published.Event.OccurredAt).ToList();
        var streams = Lost.DistinctBy(one => one.Published.Event.Stream).Count();
        return string.Create(CultureInfo.InvariantCulture,
            $"{Lost.Count} published events of {streams} streams, decided from {times.Min():O} to {times.Max():O}, "
            + $"were not in this database after a promotion ({promotion}); {RecordedAgain.Count} are recorded again")
            + (Extent is MemoryExtent.Whole ? "" : "; more may be lost");
    }

    private static LostEvent Describe(UnkeptEvent one) => new()
    {
        EventId = one.Published.Event.EventId, Sequence = one.Published.Event.Sequence,
        Type = one.Published.Event.GetType().Name, RecordedAgain = one.State is Unkept.Missing,
    };
}
