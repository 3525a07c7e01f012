using Npgsql;
using VoiceWorker.Persistence.Audit;

namespace VoiceWorker.Persistence.Verification;

/// <summary>Every event, in the store or in the outbox, in order of their ids.</summary>
internal static class AuditEntries
{
    private const string Sql = $"""
        SELECT id, stream_id, version, seq_id, type, data::text FROM voice_audit.mt_events
        WHERE stream_id <> '{EventStore.TombstoneStream}'
        UNION ALL
        SELECT event_id, stream, NULL, NULL, type, body::text FROM voice.outbox
        ORDER BY 1
        """;

    /// <summary>Reads them.</summary>
    /// <param name="connection">With the snapshot.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public static IAsyncEnumerable<AuditEntry> ReadAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken) =>
        SnapshotCursor.ReadAsync(connection, "audit_entries", Sql, Read, cancellationToken);

    private static AuditEntry Read(NpgsqlDataReader reader)
    {
        var isStored = !reader.IsDBNull(2);
        return new AuditEntry(
            reader.GetGuid(0), reader.GetString(1), isStored ? reader.GetInt64(2) : null,
            isStored ? reader.GetInt64(3) : null,
            StoredTypes.ContractOf(reader.GetString(4)), reader.GetString(5));
    }
}
