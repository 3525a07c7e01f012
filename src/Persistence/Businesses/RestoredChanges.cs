using Npgsql;
using VoiceWorker.Contracts;

namespace VoiceWorker.Persistence.Businesses;

/// <summary>Changes of voices that a database that was behind does not have, from their events: recorded again, and
/// made again where they are still the latest of their business.</summary>
public static class RestoredChanges
{
    private const string InsertSql = """
        INSERT INTO voice.business_voice_change (business_id, changed_at, voice_id, changed_by, outcome,
                                                 previous_voice_id, event_id, decided_at, changed_outside)
        SELECT * FROM unnest($1::int[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[],
                             $7::uuid[], $8::timestamptz[], $9::bool[]) AS d (business_id, changed_at, voice_id)
        ORDER BY business_id, changed_at, voice_id
        ON CONFLICT (business_id, changed_at, voice_id) DO NOTHING
        """;

    // Sees what the insert before it has added.
    private const string StandSql = $"""
        UPDATE business SET voice_id = standing.voice_id
        FROM unnest($1::int[]) AS known (business_id)
        CROSS JOIN LATERAL (
            SELECT voice_id, event_id FROM voice.business_voice_change AS change
            WHERE change.business_id = known.business_id AND outcome = 'updated'
            ORDER BY {BusinessVoiceChangeTable.LastWriterFirst} LIMIT 1) AS standing
        WHERE business.id = known.business_id AND standing.event_id = ANY($2)
        """;

    /// <summary>Records them. Businesses are locked first and in id order, as every change does.</summary>
    /// <param name="connection">With an open transaction.</param>
    /// <param name="events">Any: those that are no changes are left out.</param>
    /// <param name="cancellationToken">Cancels the round trip.</param>
    public static async Task RecordAsync(
        NpgsqlConnection connection, IEnumerable<AuditEvent> events, CancellationToken cancellationToken)
    {
        var changes = events.Select(Read).OfType<(Guid, DecidedChange Change)>().ToArray();
        if (changes.Length == 0)
            return;
        var businesses = changes.Select(one => one.Change.Change.BusinessId).Distinct().ToArray();
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                BusinessTable.LockCommand([.. changes.Select(one => one.Change.Change)]), InsertCommand(changes),
                new(StandSql)
                {
                    Parameters = { Unnest.Int(businesses, id => id), Unnest.Uuid(changes, one => one.Item1) },
                },
            },
        };
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private static (Guid, DecidedChange)? Read(AuditEvent told) => told switch
    {
        BusinessVoiceUpdated made => (made.EventId, new(
            new(made.BusinessId, made.VoiceId, made.ChangedAt, made.ChangedBy), Rejection: null, made.PreviousVoiceId,
            made.OccurredAt, made.ChangedOutside, TraceParent: null)),
        BusinessVoiceChangeRejected refused => (refused.EventId, new(
            new(refused.BusinessId, refused.VoiceId, refused.ChangedAt, refused.ChangedBy), refused.Reason,
            PreviousVoiceId: null, refused.OccurredAt, refused.ChangedOutside, TraceParent: null)),
        _ => null,
    };

    private static NpgsqlBatchCommand InsertCommand((Guid EventId, DecidedChange Change)[] changes) => new(InsertSql)
    {
        Parameters =
        {
            Unnest.Int(changes, one => one.Change.Change.BusinessId),
            Unnest.Instant(changes, one => one.Change.Change.ChangedAt),
            Unnest.Text(changes, one => one.Change.Change.VoiceId),
            Unnest.Text(changes, one => one.Change.Change.ChangedBy),
            Unnest.Text(changes, one => BusinessVoiceChangeTable.OutcomeOf(one.Change.Rejection)),
            Unnest.Text(changes, one => one.Change.PreviousVoiceId),
            Unnest.Uuid(changes, one => one.EventId),
            Unnest.Instant(changes, one => one.Change.DecidedAt),
            Unnest.Bool(changes, one => one.Change.ChangedOutside),
        },
    };
}
