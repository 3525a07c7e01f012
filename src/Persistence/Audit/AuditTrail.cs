using System.Runtime.CompilerServices;
using Npgsql;

namespace VoiceWorker.Persistence.Audit;

/// <summary>The events of the store for those who look back: page by page, however many there are. In the order of the
/// store; of one stream, in the order of its sequences.</summary>
public static class AuditTrail
{
    /// <summary>A field of a stored event in SQL; earlier builds wrote it in upper case.</summary>
    /// <param name="field">As on the wire.</param>
    internal static string Field(string field) =>
        $"COALESCE(data->>'{field}', data->>'{char.ToUpperInvariant(field[0])}{field[1..]}')";

    /// <summary>Reads with a short query for each page: nothing is held in between, on either side.</summary>
    /// <param name="connection">Free between two events.</param>
    /// <param name="query">Which.</param>
    /// <param name="pageSize">Events in memory at a time.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public static async IAsyncEnumerable<StoredEvent> ReadAsync(
        NpgsqlConnection connection, AuditQuery query, int pageSize,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var portion in EventPortions.WalkAsync(connection, query, after: null, cancellationToken))
        {
            var rest = portion;
            IReadOnlyList<StoredEvent> page;
            do
            {
                page = await ReadPageAsync(connection, query, rest, pageSize, cancellationToken);
                foreach (var stored in page)
                    yield return stored;
                if (page.Count == pageSize)
                    rest = rest.Beyond(query.KeyOf(page[^1]), query);
            }
            while (page.Count == pageSize);
        }
    }

    /// <summary>Counts, up to where the store ends now.</summary>
    /// <param name="connection">Any.</param>
    /// <param name="query">Which.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public static async Task<AuditExtent> MeasureAsync(
        NpgsqlConnection connection, AuditQuery query, CancellationToken cancellationToken)
    {
        var end = Math.Min(query.LastPosition, await EventPosition.LastAsync(connection, cancellationToken));
        var (bounded, count) = (query with { LastPosition = end, NewestFirst = false }, 0L);
        await foreach (var portion in EventPortions.WalkAsync(connection, bounded, after: null, cancellationToken))
        {
            await using var command = Command(connection, "SELECT count(*)", bounded, portion);
            count += (long)(await command.ExecuteScalarAsync(cancellationToken))!;
        }

        return new(count, end);
    }

    /// <summary>The first events of a portion.</summary>
    internal static async Task<IReadOnlyList<StoredEvent>> ReadPageAsync(
        NpgsqlConnection connection, AuditQuery query, EventPortion portion, int pageSize,
        CancellationToken cancellationToken)
    {
        await using var command = Command(connection, $"SELECT {StoredEvent.Columns}", query, portion);
        command.CommandText += $" {query.OrderSql} LIMIT {pageSize}";
        return await StoredEvent.ReadAllAsync(command, cancellationToken);
    }

    private static NpgsqlCommand Command(
        NpgsqlConnection connection, string select, AuditQuery query, EventPortion portion)
    {
        // An operator's question may take longer than the thirty seconds of a worker's statement.
        var command = new NpgsqlCommand { Connection = connection, CommandTimeout = 0 };
        var filter = new EventFilter(command);
        portion.AddTo(filter, query);
        query.AddTo(filter);
        command.CommandText = $"{select} FROM voice_audit.mt_events WHERE {filter.Sql}";
        return command;
    }
}

/// <summary>How much a query finds.</summary>
/// <param name="Count">Events.</param>
/// <param name="LastPosition">Where the store ended; 0 when it was empty.</param>
public sealed record AuditExtent(long Count, long LastPosition);
