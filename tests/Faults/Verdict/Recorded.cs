using Npgsql;

namespace VoiceWorker.Tests.Faults.Verdict;

/// <summary>What the database says.</summary>
/// <param name="Calls">voice.call_voice, by call id.</param>
/// <param name="Changes">Event ids of voice.business_voice_change, by identity.</param>
/// <param name="Voices">voice_id of each business.</param>
/// <param name="Events">The event store: stream and sequence, by event id.</param>
/// <param name="Outbox">Events that are not sequenced.</param>
/// <param name="Unpublished">Events beyond the checkpoint.</param>
public sealed record Recorded(
    IReadOnlyDictionary<string, RecordedCall> Calls, IReadOnlyDictionary<string, string> Changes,
    IReadOnlyDictionary<string, string> Voices, IReadOnlyDictionary<string, string> Events, long Outbox, long Unpublished)
{
    private const string CallsSql = "SELECT call_id, voice_id, source, reason, event_id::text FROM voice.call_voice";

    private const string ChangesSql = """
        SELECT business_id || '/' || to_char(changed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '/' || voice_id, event_id::text
        FROM voice.business_voice_change
        """;

    private const string VoicesSql = "SELECT id::text, voice_id FROM business";

    private const string EventsSql = "SELECT id::text, stream_id || '#' || version FROM voice_audit.mt_events";

    private const string UnpublishedSql =
        "SELECT e.id::text, '' FROM voice_audit.mt_events AS e, voice.relay_checkpoint WHERE e.seq_id > published_seq";

    private const string OutboxSql = "SELECT count(*) FROM voice.outbox";

    /// <summary>Reads everything.</summary>
    public static async Task<Recorded> ReadAsync(LegacyDatabase database, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync();
        var calls = await ReadAsync(connection, CallsSql, row => new RecordedCall(
            row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4)), cancellationToken);
        var changes = await ReadAsync(connection, ChangesSql, row => row.GetString(1), cancellationToken);
        var voices = await ReadAsync(connection, VoicesSql, row => row.GetString(1), cancellationToken);
        var events = await ReadAsync(connection, EventsSql, row => row.GetString(1), cancellationToken);
        var unpublished = await ReadAsync(connection, UnpublishedSql, row => row.GetString(1), cancellationToken);
        await using var outbox = new NpgsqlCommand(OutboxSql, connection);
        return new Recorded(
            calls, changes, voices, events, (long)(await outbox.ExecuteScalarAsync(cancellationToken))!,
            unpublished.Count);
    }

    /// <summary>Ids of the events beyond the checkpoint.</summary>
    public static async Task<IReadOnlySet<string>> ReadUnpublishedAsync(
        LegacyDatabase database, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync();
        return (await ReadAsync(connection, UnpublishedSql, row => row.GetString(1), cancellationToken))
            .Keys.ToHashSet(StringComparer.Ordinal);
    }

    private static async Task<Dictionary<string, T>> ReadAsync<T>(
        NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> value, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new Dictionary<string, T>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(reader.GetString(0), value(reader));
        return rows;
    }
}
