using Npgsql;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence.Audit;

namespace VoiceWorker.Persistence.Businesses;

/// <summary>
/// <c>voice.business_voice_change</c>: the inbox of BusinessVoiceChanged, and which change of a business stands.
/// </summary>
public static class BusinessVoiceChangeTable
{
    /// <summary>The rule by which the change that stands is the first: of one business, of those that were
    /// made.</summary>
    internal const string LastWriterFirst = "least(changed_at, decided_at) DESC, voice_id DESC";

    // The outcome of a change that was made.
    private const string Updated = "updated";

    // Both halves see what was committed before the rows of the businesses were locked: this is a later statement.
    private const string HistorySql = $"""
        SELECT 'standing', known.business_id, standing.instant, standing.voice_id
        FROM (SELECT DISTINCT unnest($1::int[]) AS business_id) AS known
        CROSS JOIN LATERAL (
            SELECT least(changed_at, decided_at) AS instant, voice_id FROM voice.business_voice_change AS change
            WHERE change.business_id = known.business_id AND outcome = 'updated'
            ORDER BY {LastWriterFirst} LIMIT 1) AS standing
        UNION ALL
        SELECT outcome, business_id, changed_at, change.voice_id
        FROM voice.business_voice_change AS change
        JOIN unnest($1::int[], $2::timestamptz[], $3::text[]) AS asked (business_id, changed_at, voice_id)
            USING (business_id, changed_at)
        WHERE lower(change.voice_id) = lower(asked.voice_id)
        """;

    // By the index of those whose time is after their record.
    private const string AheadSql = """
        SELECT count(*) OVER (), business_id, decided_at FROM voice.business_voice_change
        WHERE changed_at > decided_at AND changed_at > decided_at + interval '5 minutes'
        ORDER BY decided_at DESC LIMIT 1
        """;

    // As for calls: only a change that was really recorded yields an event. Changes of unknown businesses have no row
    // to lock, so here the primary key alone decides between two workers.
    private const string InsertSql = $"""
        /* {StatementMark.RecordChanges} */ WITH decided AS (
            SELECT * FROM unnest($1::int[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[],
                                 $7::uuid[], $8::timestamptz[], $9::bool[], $10::text[], $11::text[], $12::json[],
                                 $13::text[])
                WITH ORDINALITY
                AS d (business_id, changed_at, voice_id, changed_by, outcome, previous_voice_id, event_id,
                      decided_at, changed_outside, stream, type, body, trace_parent, position)
        ), inserted AS (
            INSERT INTO voice.business_voice_change (business_id, changed_at, voice_id, changed_by, outcome,
                                                     previous_voice_id, event_id, decided_at,
                                                     changed_outside)
            SELECT business_id, changed_at, voice_id, changed_by, outcome, previous_voice_id, event_id, decided_at,
                   changed_outside
            FROM decided ORDER BY business_id, changed_at, voice_id
            ON CONFLICT (business_id, changed_at, voice_id) DO NOTHING
            RETURNING event_id
        )
        INSERT INTO voice.outbox (event_id, stream, type, body, trace_parent)
        SELECT event_id, stream, type, body, trace_parent
        FROM decided JOIN inserted USING (event_id) ORDER BY position
        """;

    /// <summary>Keeps the rows of the businesses for the transaction and reads all that the decision needs. One round
    /// trip; another one when a business is missing.</summary>
    /// <param name="connection">With an open transaction.</param>
    /// <param name="changes">Their voice ids as the catalogue spells them.</param>
    /// <param name="cancellationToken">Cancels the round trip.</param>
    public static async Task<ChangeHistory> LockAndReadAsync(
        NpgsqlConnection connection, IReadOnlyList<BusinessVoiceChanged> changes, CancellationToken cancellationToken)
    {
        var history = await ReadAsync(connection, changes, cancellationToken);
        if (changes.Any(change => !history.StoredVoices.ContainsKey(change.BusinessId)))
            await RowSecurity.EnsureShownAsync(connection, cancellationToken);
        return history;
    }

    private static async Task<ChangeHistory> ReadAsync(
        NpgsqlConnection connection, IReadOnlyList<BusinessVoiceChanged> changes, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands = { BusinessTable.LockCommand(changes), HistoryCommand(changes) },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var history = new ChangeHistory();
        while (await reader.ReadAsync(cancellationToken))
            history.StoredVoices[reader.GetInt32(0)] = reader.TextAt(1);
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var (businessId, instant, voiceId) =
                (reader.GetInt32(1), reader.GetFieldValue<DateTimeOffset>(2), reader.GetString(3));
            if (reader.GetString(0) == "standing")
                history.Standing[businessId] = (instant, voiceId);
            else
                history.Recorded[DecidedChange.IdentityOf(businessId, instant, voiceId)] =
                    RejectionOf(reader.GetString(0));
        }

        return history;
    }

    private static NpgsqlBatchCommand HistoryCommand(IReadOnlyList<BusinessVoiceChanged> changes) => new(HistorySql)
    {
        Parameters =
        {
            Unnest.Int(changes, change => change.BusinessId),
            Unnest.Instant(changes, change => change.ChangedAt),
            Unnest.Text(changes, change => change.VoiceId),
        },
    };

    /// <summary>How many changes stand in the table with a time more than 5 minutes after they were recorded, and the
    /// latest of them.</summary>
    /// <param name="connection">Any.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public static async Task<(long Count, int? BusinessId, DateTimeOffset? DecidedAt)> FindAheadAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(AheadSql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? (reader.GetInt64(0), reader.GetInt32(1), reader.GetFieldValue<DateTimeOffset>(2))
            : (0, null, null);
    }

    /// <summary>Records the changes with their events.</summary>
    /// <param name="changes">Distinct by identity.</param>
    public static NpgsqlBatchCommand InsertCommand(IReadOnlyList<DecidedChange> changes)
    {
        var events = changes.Select(change => OutboxEvent.Of(change.ToEvent())).ToArray();
        return new NpgsqlBatchCommand(InsertSql)
        {
            Parameters =
            {
                Unnest.Int(changes, change => change.Change.BusinessId),
                Unnest.Instant(changes, change => change.Change.ChangedAt),
                Unnest.Text(changes, change => change.Change.VoiceId),
                Unnest.Text(changes, change => change.Change.ChangedBy),
                Unnest.Text(changes, change => OutcomeOf(change.Rejection)),
                Unnest.Text(changes, change => change.PreviousVoiceId),
                Unnest.Uuid(events, e => e.EventId),
                Unnest.Instant(changes, change => change.DecidedAt),
                Unnest.Bool(changes, change => change.ChangedOutside),
                Unnest.Text(events, e => e.Stream),
                Unnest.Text(events, e => e.Type),
                Unnest.Json(events, e => e.Body),
                Unnest.Text(changes, change => change.TraceParent),
            },
        };
    }

    /// <summary>What a recorded outcome means: null when the change was made.</summary>
    /// <param name="outcome">As stored.</param>
    /// <exception cref="FormatException">There is none of that name.</exception>
    internal static ChangeRejection? RejectionOf(string outcome) =>
        outcome == Updated ? null : WireName.Parse<ChangeRejection>("outcome", outcome);

    internal static string OutcomeOf(ChangeRejection? rejection) =>
        rejection is { } reason ? WireName.Of(reason) : Updated;
}

/// <summary>What is known of the changes of some businesses.</summary>
public sealed class ChangeHistory
{
    /// <summary>What <c>business</c> stores, for the businesses that exist.</summary>
    public Dictionary<int, string?> StoredVoices { get; } = [];

    /// <summary>The change that stands, per business: the greatest (instant, voiceId) of those made, where the instant
    /// is changedAt, or when the change was recorded if that is earlier.</summary>
    public Dictionary<int, (DateTimeOffset At, string VoiceId)> Standing { get; } = [];

    /// <summary>Changes that are recorded already, by <see cref="DecidedChange.Identity"/>: why they were rejected, or
    /// null.</summary>
    public Dictionary<(int BusinessId, DateTimeOffset ChangedAt, string VoiceId), ChangeRejection?> Recorded { get; } =
        [];
}
