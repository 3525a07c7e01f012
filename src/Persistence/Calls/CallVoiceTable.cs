using Npgsql;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence.Audit;

namespace VoiceWorker.Persistence.Calls;

/// <summary><c>voice.call_voice</c>: the inbox of CallStarted and the record of what every call was answered.</summary>
public static class CallVoiceTable
{
    // Only a row that was really inserted yields an event, in the same statement: neither exists without the other.
    // In call_id order, so that two workers which got the same calls wait for each other instead of deadlocking.
    private const string FindSql = """
        SELECT business_id, event_id, voice_id, reason, stored_voice_id, started_at, decided_at
        FROM voice.call_voice WHERE call_id = $1
        """;

    private const string InsertSql = $"""
        /* {StatementMark.RecordCalls} */ WITH decided AS (
            SELECT * FROM unnest($1::text[], $2::int[], $3::timestamptz[], $4::text[], $5::text[], $6::text[],
                                 $7::text[], $8::uuid[], $9::timestamptz[], $10::text[], $11::json[], $12::text[])
                WITH ORDINALITY
                AS d (call_id, business_id, started_at, voice_id, source, reason, stored_voice_id,
                      event_id, decided_at, stream, body, trace_parent, position)
        ), inserted AS (
            INSERT INTO voice.call_voice (call_id, business_id, started_at, voice_id, source, reason, stored_voice_id,
                                          event_id, decided_at)
            SELECT call_id, business_id, started_at, voice_id, source, reason, stored_voice_id, event_id, decided_at
            FROM decided ORDER BY call_id
            ON CONFLICT (call_id) DO NOTHING
            RETURNING call_id
        ), told AS (
            INSERT INTO voice.outbox (event_id, stream, type, body, trace_parent)
            SELECT event_id, stream, 'CallVoiceResolved', body, trace_parent
            FROM decided JOIN inserted USING (call_id) ORDER BY position
        )
        -- The repeats. The statement sees what was committed before it began, so not what another worker committed
        -- while the insert waited for it: NULL.
        SELECT d.call_id, c.business_id, c.voice_id, c.source, c.reason
        FROM decided AS d LEFT JOIN voice.call_voice AS c USING (call_id)
        WHERE NOT EXISTS (SELECT FROM inserted AS i WHERE i.call_id = d.call_id)
        """;

    // As they were published. A call that was decided again meanwhile keeps that decision.
    private const string RestoreSql = """
        INSERT INTO voice.call_voice (call_id, business_id, started_at, voice_id, source, reason, stored_voice_id,
                                      event_id, decided_at)
        SELECT * FROM unnest($1::text[], $2::int[], $3::timestamptz[], $4::text[], $5::text[], $6::text[],
                             $7::text[], $8::uuid[], $9::timestamptz[]) AS d (call_id)
        ORDER BY call_id
        ON CONFLICT (call_id) DO NOTHING
        """;

    private const string SelectSql = """
        SELECT call_id, business_id, voice_id, source, reason FROM voice.call_voice WHERE call_id = ANY($1)
        """;

    /// <summary>Records the calls that are new, with their events, and reads what is recorded for the others. One round
    /// trip, which is a transaction of its own if none is open; another one when a call was recorded by another worker
    /// at the same moment.</summary>
    /// <param name="connection">With or without an open transaction.</param>
    /// <param name="calls">Distinct by call id.</param>
    /// <param name="cancellationToken">Cancels the round trip.</param>
    /// <returns>What stands for each call id: the first decision, by any worker.</returns>
    public static async Task<IReadOnlyDictionary<string, CallVoice>> RecordAsync(
        NpgsqlConnection connection, IReadOnlyList<DecidedCall> calls, CancellationToken cancellationToken)
    {
        var recorded = calls.ToDictionary(call => call.Call.CallId, call => call.ToCallVoice(), StringComparer.Ordinal);
        var unseen = new List<string>();
        await using (var batch = new NpgsqlBatch(connection)
        {
            BatchCommands = { InsertCommand(calls), OutboxTable.NotifyCommand() },
        })
        await using (var reader = await batch.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                if (await reader.IsDBNullAsync(1, cancellationToken))
                    unseen.Add(reader.GetString(0));
                else
                    recorded[reader.GetString(0)] = Read(reader);
            }

            // To the end: that is where a commit fails.
            while (await reader.NextResultAsync(cancellationToken)) { }
        }

        if (unseen.Count > 0)
            await ReadAsync(connection, unseen, recorded, cancellationToken);
        return recorded;
    }

    /// <summary>The business that a call is recorded for; null when the call is not recorded.</summary>
    /// <param name="connection">Any.</param>
    /// <param name="callId">The call.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public static async Task<int?> FindBusinessAsync(
        NpgsqlConnection connection, string callId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "SELECT business_id FROM voice.call_voice WHERE call_id = $1", connection)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = callId } },
        };
        return await command.ExecuteScalarAsync(cancellationToken) as int?;
    }

    /// <summary>A call as it is recorded; null when it is not.</summary>
    /// <param name="connection">Any.</param>
    /// <param name="callId">The call.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public static async Task<RecordedCall?> FindAsync(
        NpgsqlConnection connection, string callId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(FindSql, connection)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = callId } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            return null;
        return new(
            reader.GetInt32(0), reader.GetGuid(1), reader.GetString(2),
            WireName.Parse<VoiceReason>("reason", reader.GetString(3)), reader.TextAt(4),
            reader.GetFieldValue<DateTimeOffset>(5), reader.GetFieldValue<DateTimeOffset>(6));
    }

    /// <summary>Records decisions again that a database that was behind does not have, without events.</summary>
    /// <param name="connection">With an open transaction.</param>
    /// <param name="calls">Their events.</param>
    /// <param name="cancellationToken">Cancels the round trip.</param>
    public static async Task RestoreAsync(
        NpgsqlConnection connection, IReadOnlyList<CallVoiceResolved> calls, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(RestoreSql, connection)
        {
            Parameters =
            {
                Unnest.Text(calls, call => call.CallId), Unnest.Int(calls, call => call.BusinessId),
                Unnest.Instant(calls, call => call.StartedAt), Unnest.Text(calls, call => call.VoiceId),
                Unnest.Text(calls, call => WireName.Of(call.Source)),
                Unnest.Text(calls, call => WireName.Of(call.Reason)),
                Unnest.Text(calls, call => call.StoredVoiceId), Unnest.Uuid(calls, call => call.EventId),
                Unnest.Instant(calls, call => call.OccurredAt),
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task ReadAsync(
        NpgsqlConnection connection, List<string> callIds, Dictionary<string, CallVoice> into,
        CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SelectSql, connection)
        {
            Parameters = { new NpgsqlParameter<string[]> { TypedValue = [.. callIds] } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            into[reader.GetString(0)] = Read(reader);
    }

    private static CallVoice Read(NpgsqlDataReader reader) => new(
        reader.GetString(0), reader.GetInt32(1), reader.GetString(2),
        WireName.Parse<VoiceSource>("source", reader.GetString(3)),
        WireName.Parse<VoiceReason>("reason", reader.GetString(4)));

    private static NpgsqlBatchCommand InsertCommand(IReadOnlyList<DecidedCall> calls)
    {
        var events = calls.Select(call => OutboxEvent.Of(call.ToEvent())).ToArray();
        return new NpgsqlBatchCommand(InsertSql)
        {
            Parameters =
            {
                Unnest.Text(calls, call => call.Call.CallId),
                Unnest.Int(calls, call => call.Call.BusinessId),
                Unnest.Instant(calls, call => call.Call.StartedAt),
                Unnest.Text(calls, call => call.Decision.VoiceId),
                Unnest.Text(calls, call => WireName.Of(call.Decision.Source)),
                Unnest.Text(calls, call => WireName.Of(call.Decision.Reason)),
                Unnest.Text(calls, call => call.Decision.StoredVoiceId),
                Unnest.Uuid(events, e => e.EventId),
                Unnest.Instant(calls, call => call.DecidedAt),
                Unnest.Text(events, e => e.Stream),
                Unnest.Json(events, e => e.Body),
                Unnest.Text(calls, call => call.TraceParent),
            },
        };
    }
}

/// <summary>A call as it is recorded.</summary>
/// <param name="BusinessId">The business that was called.</param>
/// <param name="EventId">The event of its decision.</param>
/// <param name="VoiceId">The voice that it got.</param>
/// <param name="Reason">Why.</param>
/// <param name="StoredVoiceId">The stored voice, when it was not used.</param>
/// <param name="StartedAt">When it began, as its producer said.</param>
/// <param name="DecidedAt">When it was decided.</param>
public sealed record RecordedCall(
    int BusinessId, Guid EventId, string VoiceId, VoiceReason Reason, string? StoredVoiceId, DateTimeOffset StartedAt,
    DateTimeOffset DecidedAt);
