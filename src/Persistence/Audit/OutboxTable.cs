using Npgsql;

namespace VoiceWorker.Persistence.Audit;

/// <summary><c>voice.outbox</c>: events that are committed with their cause and not yet sequenced.</summary>
public static class OutboxTable
{
    /// <summary>The NOTIFY channel that wakes the relay.</summary>
    public const string Channel = "voice_outbox";

    private const string InsertSql =
        "INSERT INTO voice.outbox (event_id, stream, type, body, trace_parent) VALUES ($1, $2, $3, $4::json, $5)";

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
                new NpgsqlParameter<string> { TypedValue = auditEvent.Body },
                new NpgsqlParameter { Value = (object?)auditEvent.TraceParent ?? DBNull.Value },
            },
        };
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { insert, NotifyCommand() } };
        await batch.ExecuteNonQueryAsync(cancellationToken);
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
