using Npgsql;
using NpgsqlTypes;
using VoiceWorker.Contracts;

namespace VoiceWorker.Persistence.Audit;

/// <summary><c>voice.outbox</c>: events that are committed with their cause and not yet sequenced.</summary>
public static class OutboxTable
{
    /// <summary>The NOTIFY channel that wakes the relay.</summary>
    public const string Channel = "voice_outbox";

    private const string InsertSql =
        "INSERT INTO voice.outbox (event_id, stream, type, body, trace_parent) VALUES ($1, $2, $3, $4, $5)";

    private const string UnknownSql =
        "SELECT event_id, stream, type FROM voice.outbox WHERE type <> ALL($1) ORDER BY id LIMIT 1";

    private const string BacklogSql = "SELECT count(*), min(created_at) FROM voice.outbox";

    /// <summary>Wakes the relay when the transaction commits.</summary>
    public static NpgsqlBatchCommand NotifyCommand() => new($"NOTIFY {Channel}");

    /// <summary>Adds one event.</summary>
    /// <param name="connection">With the open transaction of its cause.</param>
    /// <param name="auditEvent">The event.</param>
    /// <param name="cancellationToken">Cancels the round trip.</param>
    public static async Task AddAsync(
        NpgsqlConnection connection, OutboxEvent auditEvent, CancellationToken cancellationToken)
    {
        var insert = new NpgsqlBatchCommand(InsertSql)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = auditEvent.EventId },
                new NpgsqlParameter<string> { TypedValue = auditEvent.Stream },
                new NpgsqlParameter<string> { TypedValue = auditEvent.Type },
                new NpgsqlParameter<byte[]> { TypedValue = auditEvent.Body, NpgsqlDbType = NpgsqlDbType.Json },
                new NpgsqlParameter { Value = (object?)auditEvent.TraceParent ?? DBNull.Value },
            },
        };
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { insert, NotifyCommand() } };
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The first event of a type that this version does not have.</summary>
    /// <param name="connection">Any.</param>
    /// <param name="cancellationToken">Cancels the round trip.</param>
    /// <returns>Null when there is none.</returns>
    public static async Task<UnknownEventException?> FindUnknownAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(UnknownSql, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<string[]>
                {
                    TypedValue = [.. Exchanges.OfAuditEvents.Keys.Select(contract => contract.Name)],
                },
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new($"event {reader.GetGuid(0)} ({reader.GetString(1)}, in the outbox)", reader.GetString(2)) : null;
    }

    /// <summary>How many events wait, and since when the oldest does.</summary>
    /// <param name="connection">Any.</param>
    /// <param name="cancellationToken">Cancels the round trip.</param>
    public static async Task<(long Count, DateTimeOffset? Oldest)> BacklogAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(BacklogSql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetInt64(0),
            await reader.IsDBNullAsync(1, cancellationToken) ? null : reader.GetFieldValue<DateTimeOffset>(1));
    }
}

/// <summary>An audit event on its way from the transaction that caused it to the event store.</summary>
/// <param name="EventId">UUID version 7.</param>
/// <param name="Stream">Event stream that it belongs to.</param>
/// <param name="Type">Name of its contract, such as <c>CallVoiceResolved</c>.</param>
/// <param name="Body">Its own fields as JSON, in UTF-8.</param>
/// <param name="TraceParent">W3C trace context of its cause, if any.</param>
public sealed record OutboxEvent(Guid EventId, string Stream, string Type, byte[] Body, string? TraceParent = null)
{
    /// <summary>The outbox form of an event.</summary>
    /// <param name="auditEvent">With id and stream; its sequence is not known yet.</param>
    public static OutboxEvent Of(AuditEvent auditEvent) => new(
        auditEvent.EventId, auditEvent.Stream, auditEvent.GetType().Name, AuditJson.Write(auditEvent));
}
