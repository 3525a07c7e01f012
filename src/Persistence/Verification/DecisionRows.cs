using Npgsql;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Persistence.Businesses;
using VoiceWorker.Persistence.Calls;

namespace VoiceWorker.Persistence.Verification;

/// <summary>Every row that was written together with an event, as that event, in order of the event ids.</summary>
internal static class DecisionRows
{
    public const string CallTable = "voice.call_voice";
    public const string ChangeTable = "voice.business_voice_change";
    public const string MigrationTable = "voice.migration_run";
    public const string ActTable = "voice.operator_action";

    private const string Sql = """
        SELECT event_id, 'call', business_id, decided_at, voice_id, call_id, started_at, source, reason,
               stored_voice_id, NULL::text[], NULL::bigint, NULL::text, false
        FROM voice.call_voice
        UNION ALL
        SELECT event_id, 'change', business_id, decided_at, voice_id, NULL, changed_at, outcome, changed_by,
               previous_voice_id, NULL, NULL, NULL, changed_outside
        FROM voice.business_voice_change
        UNION ALL
        SELECT run_id, 'run', NULL, completed_at, NULL, NULL, started_at, migration, NULL, NULL, steps, rows_backfilled,
               NULL, false
        FROM voice.migration_run WHERE completed_at IS NOT NULL
        UNION ALL
        SELECT action_id, 'act', NULL, acted_at, operator, verb, NULL, result, note, filter::text, NULL, NULL,
               counts::text, false
        FROM voice.operator_action
        ORDER BY 1
        """;

    private const string FindCallSql = "SELECT event_id FROM voice.call_voice WHERE call_id = $1";

    private const string FindChangeSql =
        "SELECT event_id FROM voice.business_voice_change WHERE business_id = $1 AND changed_at = $2 AND voice_id = $3";

    public static IAsyncEnumerable<RecordedDecision> ReadAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken) =>
        SnapshotCursor.ReadAsync(connection, "decision_rows", Sql, Read, cancellationToken);

    /// <summary>The event id that is recorded for the decision of an event; null when none is.</summary>
    public static async Task<Guid?> FindEventIdAsync(
        NpgsqlConnection connection, AuditEvent told, CancellationToken cancellationToken)
    {
        await using var command = told switch
        {
            CallVoiceResolved call => Command(connection, FindCallSql, call.CallId),
            BusinessVoiceUpdated change =>
                Command(connection, FindChangeSql, change.BusinessId, change.ChangedAt.UtcDateTime, change.VoiceId),
            BusinessVoiceChangeRejected change =>
                Command(connection, FindChangeSql, change.BusinessId, change.ChangedAt.UtcDateTime, change.VoiceId),
            _ => null,
        };
        return command is null ? null : await command.ExecuteScalarAsync(cancellationToken) as Guid?;
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params object[] values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }

    private static RecordedDecision Read(NpgsqlDataReader reader)
    {
        var (table, read) = reader.GetString(1) switch
        {
            "call" => (CallTable, (Func<NpgsqlDataReader, AuditEvent>)ReadCall),
            "change" => (ChangeTable, ReadChange),
            "act" => (ActTable, ReadAct),
            _ => (MigrationTable, ReadRun),
        };
        var eventId = reader.GetGuid(0);
        try
        {
            return new RecordedDecision(table, eventId, read(reader) with { EventId = eventId });
        }
        catch (FormatException unknown)
        {
            // What the constraints of the table forbid, as long as it has them.
            return new RecordedDecision(table, eventId, Event: null, unknown.Message);
        }
    }

    private static CallVoiceResolved ReadCall(NpgsqlDataReader reader) => new DecidedCall(
        new CallStarted(reader.GetString(5), reader.GetInt32(2), InstantAt(reader, 6)),
        new VoiceDecision(
            reader.GetString(4), WireName.Parse<VoiceSource>("source", reader.GetString(7)),
            WireName.Parse<VoiceReason>("reason", reader.GetString(8)), reader.TextAt(9)),
        InstantAt(reader, 3), TraceParent: null).ToEvent();

    private static AuditEvent ReadChange(NpgsqlDataReader reader) => new DecidedChange(
        new BusinessVoiceChanged(reader.GetInt32(2), reader.GetString(4), InstantAt(reader, 6), reader.TextAt(8)),
        BusinessVoiceChangeTable.RejectionOf(reader.GetString(7)), reader.TextAt(9), InstantAt(reader, 3),
        reader.GetBoolean(13), TraceParent: null).ToEvent();

    private static SchemaMigrated ReadRun(NpgsqlDataReader reader) => new()
    {
        Stream = AuditEvent.SchemaStream,
        OccurredAt = InstantAt(reader, 3),
        Migration = reader.GetString(7),
        Steps = reader.GetFieldValue<string[]>(10),
        RowsBackfilled = reader.GetInt64(11),
        DurationMs = (long)(InstantAt(reader, 3) - InstantAt(reader, 6)).TotalMilliseconds,
    };

    private static OperatorActed ReadAct(NpgsqlDataReader reader) => OperatorActionTable.Read(
        InstantAt(reader, 3), reader.GetString(4), reader.GetString(5), filter: reader.GetString(9),
        counts: reader.GetString(12), result: reader.GetString(7), reader.TextAt(8));

    private static DateTimeOffset InstantAt(NpgsqlDataReader reader, int column) =>
        reader.GetFieldValue<DateTimeOffset>(column);
}

/// <summary>A row that was written together with an event.</summary>
/// <param name="Table">Where it is.</param>
/// <param name="EventId">Of that event.</param>
/// <param name="Event">The event as it must have been, without its sequence; null when the row stands for none.</param>
/// <param name="Flaw">Why it stands for none, such as <c>source is "elsewhere"</c>; null when it does.</param>
internal sealed record RecordedDecision(string Table, Guid EventId, AuditEvent? Event, string? Flaw = null)
{
    /// <summary>What was decided, for people.</summary>
    public string Name => Event is null ? $"event {EventId}" : NameOf(Event);

    /// <summary>The decision of an event, for people.</summary>
    public static string NameOf(AuditEvent told) => told switch
    {
        CallVoiceResolved call => $"call {call.CallId} of business {call.BusinessId}",
        BusinessVoiceUpdated change => NameOf(change.BusinessId, change.VoiceId, change.ChangedAt),
        BusinessVoiceChangeRejected change => NameOf(change.BusinessId, change.VoiceId, change.ChangedAt),
        SchemaMigrated run => $"migration {run.Migration}",
        OperatorActed act => $"{act.Verb} by {act.Operator} at {WireTime.Of(act.OccurredAt)}",
        _ => told.GetType().Name,
    };

    /// <summary>The same of a change.</summary>
    public static string NameOf(int businessId, string voiceId, DateTimeOffset changedAt) =>
        $"change of business {businessId} to {voiceId} at {WireTime.Of(changedAt)}";
}
