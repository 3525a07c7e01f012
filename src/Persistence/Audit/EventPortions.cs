using System.Runtime.CompilerServices;
using Npgsql;

namespace VoiceWorker.Persistence.Audit;

/// <summary>
/// A search through the store in portions of its key. A filter that lets few events pass would otherwise make one
/// statement of the whole store, whose snapshot keeps vacuum from everything that is deleted meanwhile.
/// </summary>
internal static class EventPortions
{
    private const int Rows = 20_000;

    /// <summary>From the first key that can matter to the last, or back.</summary>
    /// <param name="connection">Free between two portions.</param>
    /// <param name="query">Which events are looked for.</param>
    /// <param name="after">A key behind which they lie; null for all.</param>
    public static async IAsyncEnumerable<EventPortion> WalkAsync(
        NpgsqlConnection connection, AuditQuery query, long? after,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var rest = await BoundsOfAsync(connection, query, cancellationToken);
        if (after is { } key)
            rest = rest.Beyond(key, query);
        while (query.IsSparse && await FindEndAsync(connection, query, rest, cancellationToken) is { } end)
        {
            yield return query.NewestFirst ? rest with { After = end - 1 } : rest with { UpTo = end };
            rest = query.NewestFirst ? rest with { UpTo = end - 1 } : rest with { After = end };
        }

        yield return rest;
    }

    private static async Task<EventPortion> BoundsOfAsync(
        NpgsqlConnection connection, AuditQuery query, CancellationToken cancellationToken)
    {
        if (query.Stream is not null)
            return new(query.Sequences.First - 1, query.Sequences.Last);
        // An event may be recorded long after it was decided, as when the database was away: only a beginning has a
        // place in the store, no end.
        return EarliestOf(query) is { } earliest
            ? new(await EventPosition.BeforeAsync(connection, earliest, cancellationToken), query.LastPosition)
            : new(0, query.LastPosition);
    }

    private static DateTimeOffset? EarliestOf(AuditQuery query) =>
        query.EventId is { Version: 7 } eventId && TimeOf(eventId) is var created && !(query.From > created)
            ? created : query.From;

    // The first 48 bits are Unix milliseconds; they reach beyond the last year of a date.
    private static DateTimeOffset TimeOf(Guid eventId) => DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(
        Convert.ToInt64(eventId.ToString("N")[..12], fromBase: 16),
        DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()));

    // Of the index alone, where vacuum has been.
    private static async Task<long?> FindEndAsync(
        NpgsqlConnection connection, AuditQuery query, EventPortion rest, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand { Connection = connection };
        var filter = new EventFilter(command);
        rest.AddTo(filter, query);
        if (query.Stream is { } stream)
            filter.Add("stream_id =", stream);
        command.CommandText = $"SELECT {query.Key} FROM voice_audit.mt_events WHERE {filter.Sql} "
            + $"{query.OrderSql} OFFSET {Rows - 1} LIMIT 1";
        return await command.ExecuteScalarAsync(cancellationToken) as long?;
    }
}

/// <summary>A range of the key of a query.</summary>
/// <param name="After">Exclusive.</param>
/// <param name="UpTo">Inclusive.</param>
internal readonly record struct EventPortion(long After, long UpTo)
{
    /// <summary>What is left of it behind a key, in the order of the query.</summary>
    public EventPortion Beyond(long key, AuditQuery query) =>
        query.NewestFirst ? this with { UpTo = key - 1 } : this with { After = key };

    /// <summary>Adds its two conditions.</summary>
    public void AddTo(EventFilter filter, AuditQuery query)
    {
        filter.Add($"{query.Key} >", After);
        filter.Add($"{query.Key} <=", UpTo);
    }
}
