using Npgsql;

namespace VoiceWorker.Persistence.Audit;

/// <summary>One page of the events that a query finds, read within a time: where few events pass, the search stops and
/// says how far it has looked, and the next page goes on from there.</summary>
/// <param name="Events">In the order of the query.</param>
/// <param name="Next">Where the next page begins; null when there is none.</param>
/// <param name="SearchedTo">When the last event that was looked at was recorded, where the time was over before the
/// page was full; null otherwise.</param>
public sealed record AuditPage(IReadOnlyList<StoredEvent> Events, long? Next, DateTimeOffset? SearchedTo)
{
    /// <summary>How long after it was decided an event may be recorded and still be found by a page that asks for what
    /// was decided before an instant: an outage makes it later.</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromHours(1);

    /// <summary>Whether the search came to the end of the store.</summary>
    public bool IsComplete => Next is null;

    /// <summary>Reads one.</summary>
    /// <param name="connection">Free.</param>
    /// <param name="query">Which.</param>
    /// <param name="after"><see cref="Next"/> of the page before, of the same query; null for the first page.</param>
    /// <param name="size">At most so many events.</param>
    /// <param name="patience">After this time no further portion of the store is begun.</param>
    /// <param name="time">Measures it.</param>
    /// <param name="cancellationToken">Cancels the queries.</param>
    public static async Task<AuditPage> ReadAsync(
        NpgsqlConnection connection, AuditQuery query, long? after, int size, TimeSpan patience, TimeProvider time,
        CancellationToken cancellationToken)
    {
        // There is one of an id, and it lies soon behind the time that the id tells.
        if (query.EventId is not null)
            (query, size) = (query with { NewestFirst = false }, 1);
        var begun = time.GetTimestamp();
        after ??= await EndAsync(connection, query, cancellationToken);
        var (events, searched) = (new List<StoredEvent>(), (long?)null);
        await foreach (var portion in EventPortions.WalkAsync(connection, query, after, cancellationToken))
        {
            if (searched is { } last && time.GetElapsedTime(begun) >= patience)
                return new(events, last, await RecordedAtAsync(connection, query, last, cancellationToken));
            events.AddRange(await AuditTrail.ReadPageAsync(
                connection, query, portion, size - events.Count, cancellationToken));
            if (events.Count == size)
                return new(events, query.EventId is null ? query.KeyOf(events[^1]) : null, null);
            searched = query.NewestFirst ? portion.After + 1 : portion.UpTo;
        }

        return new(events, null, null);
    }

    // Else the way back from the end of the store to what is asked for would take all the time.
    private static async Task<long?> EndAsync(
        NpgsqlConnection connection, AuditQuery query, CancellationToken cancellationToken) =>
        query is { NewestFirst: true, Stream: null, To: { } to } && to < DateTimeOffset.MaxValue - (2 * Delay)
            ? await EventPosition.AfterAsync(connection, to + Delay, cancellationToken) : null;

    private static async Task<DateTimeOffset?> RecordedAtAsync(
        NpgsqlConnection connection, AuditQuery query, long key, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand { Connection = connection };
        var filter = new EventFilter(command);
        filter.Add($"{query.Key} =", key);
        if (query.Stream is { } stream)
            filter.Add("stream_id =", stream);
        command.CommandText = $"SELECT timestamp FROM voice_audit.mt_events WHERE {filter.Sql}";
        return await command.ExecuteScalarAsync(cancellationToken) is DateTime at ? new(at) : null;
    }
}
