using System.Text.Json;
using Npgsql;
using VoiceWorker.Contracts;
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

    public static IAsyncEnumerable<AuditEntry> ReadAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken) =>
        SnapshotCursor.ReadAsync(connection, "audit_entries", Sql, Read, cancellationToken);

    private static AuditEntry Read(NpgsqlDataReader reader)
    {
        var isStored = !reader.IsDBNull(2);
        return new AuditEntry(
            reader.GetGuid(0), reader.GetString(1), isStored ? reader.GetInt64(2) : null,
            isStored ? reader.GetInt64(3) : null, reader.GetString(4), reader.GetString(5));
    }
}

/// <summary>An event as it is kept, in the store or still in the outbox.</summary>
/// <param name="EventId">Its id.</param>
/// <param name="Stream">Its stream.</param>
/// <param name="Sequence">Its sequence; null while it waits in the outbox.</param>
/// <param name="Position">mt_events.seq_id; null while it waits in the outbox.</param>
/// <param name="Type">As it is kept.</param>
/// <param name="Body">Its own fields as JSON.</param>
internal sealed record AuditEntry(
    Guid EventId, string Stream, long? Sequence, long? Position, string Type, string Body)
{
    /// <summary>Its contract; null for one that this version does not know.</summary>
    public Type? Contract => StoredTypes.ContractOf(Type);

    /// <summary>What is wrong with one that cannot be read, for people.</summary>
    public string Flaw => Contract is { } contract
        ? $"{Place} is not what a {contract.Name} has to be" : UnknownEventException.Text(Place, Type);

    /// <summary>Where it is, for people.</summary>
    public string Place => Sequence is { } sequence
        ? $"event {EventId} ({Stream}, {sequence})" : $"event {EventId} ({Stream}, in the outbox)";

    /// <summary>The event without its sequence; null when it is not what its contract says.</summary>
    public AuditEvent? Read()
    {
        try
        {
            return Contract is null ? null : AuditJson.Read(Contract, Body) with { EventId = EventId, Stream = Stream };
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }
}
