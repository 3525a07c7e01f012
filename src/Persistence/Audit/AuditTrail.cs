using System.Runtime.CompilerServices;
using Npgsql;

namespace VoiceWorker.Persistence.Audit;

/// <summary>The events of the store for those who look back: page by page, however many there are.</summary>
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
        var start = await StartOfAsync(connection, query, cancellationToken);
        IReadOnlyList<StoredEvent> page;
        do
        {
            page = await ReadPageAsync(connection, query, start, pageSize, cancellationToken);
            foreach (var stored in page)
                yield return stored;
            if (page.Count > 0)
                start = query.Stream is null ? page[^1].Position : page[^1].Event.Sequence;
        }
        while (page.Count == pageSize);
    }

    /// <summary>Counts, and marks where the store ends now.</summary>
    /// <param name="connection">Any.</param>
    /// <param name="query">Which.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public static async Task<AuditExtent> MeasureAsync(
        NpgsqlConnection connection, AuditQuery query, CancellationToken cancellationToken)
    {
        var start = await StartOfAsync(connection, query with { NewestFirst = false }, cancellationToken);
        await using var command = Command(
            connection, "SELECT count(*), COALESCE(max(seq_id), 0)", query with { NewestFirst = false }, start);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new(reader.GetInt64(0), reader.GetInt64(1));
    }

    private static async Task<IReadOnlyList<StoredEvent>> ReadPageAsync(
        NpgsqlConnection connection, AuditQuery query, long start, int pageSize, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, $"SELECT {StoredEvent.Columns}", query, start);
        command.CommandText += $" ORDER BY {KeyOf(query)} {(query.NewestFirst ? "DESC" : "ASC")} LIMIT {pageSize}";
        return await StoredEvent.ReadAllAsync(command, cancellationToken);
    }

    // Where the index of positions is walked there is no need to begin before the first event of the time that is asked
    // for.
    private static async Task<long> StartOfAsync(
        NpgsqlConnection connection, AuditQuery query, CancellationToken cancellationToken)
    {
        if (query.NewestFirst)
            return long.MaxValue;
        return query is { Stream: null, From: { } from }
            ? await EventPosition.BeforeAsync(connection, from, cancellationToken)
            : 0;
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string select, AuditQuery query, long start)
    {
        // An operator's question may take longer than the thirty seconds of a worker's statement.
        var command = new NpgsqlCommand { Connection = connection, CommandTimeout = 0 };
        var conditions = new List<string> { $"stream_id <> '{EventStore.TombstoneStream}'" };
        Add($"{KeyOf(query)} {(query.NewestFirst ? "<" : ">")}", start);
        Add("seq_id <=", query.LastPosition);
        if (query.Stream is { } stream)
            Add("stream_id =", stream);
        if (query.CallId is { } callId)
            Add($"{Field("callId")} =", callId);
        if (query.From is { } from)
            Add($"{Field("occurredAt")}::timestamptz >=", from.UtcDateTime);
        if (query.To is { } to)
            Add($"{Field("occurredAt")}::timestamptz <", to.UtcDateTime);
        command.CommandText = $"{select} FROM voice_audit.mt_events WHERE {string.Join(" AND ", conditions)}";
        return command;

        void Add<T>(string condition, T value)
        {
            command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
            conditions.Add($"{condition} ${command.Parameters.Count}");
        }
    }

    // The store has an index for each of the two.
    private static string KeyOf(AuditQuery query) => query.Stream is null ? "seq_id" : "version";
}

/// <summary>Which events of the store are meant.</summary>
public sealed record AuditQuery
{
    /// <summary>Only of this stream; null means of all.</summary>
    public string? Stream { get; init; }

    /// <summary>Only of this call; null means whatever they are about.</summary>
    public string? CallId { get; init; }

    /// <summary>Not decided before; null means from the beginning.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Decided before; null means to the end.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Not beyond this position, so that reading ends on a store that grows.</summary>
    public long LastPosition { get; init; } = long.MaxValue;

    /// <summary>Whether the latest come first.</summary>
    public bool NewestFirst { get; init; }
}

/// <summary>How much a query finds.</summary>
/// <param name="Count">Events.</param>
/// <param name="LastPosition">Of the last one; 0 when there is none.</param>
public sealed record AuditExtent(long Count, long LastPosition);
