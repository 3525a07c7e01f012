using Npgsql;

namespace VoiceWorker.Persistence.Audit;

/// <summary>
/// Step 1 of the relay: moves a page of events from the outbox into their streams, where each gets its sequence. One
/// transaction also advances the checkpoint over the page before, which is published by then.
/// </summary>
/// <remarks>
/// The only writer of <c>voice_audit.mt_events</c> and <c>mt_streams</c>. What it writes is what Marten would: as one
/// statement, so that neither a page nor its events travel between worker and database one by one.
/// </remarks>
public sealed class Sequencer(EventStore store)
{
    // The oldest first. Rows of transactions that commit later have a later turn, whatever their id. Changes of a
    // business are ordered by its row, which each of them locks before it gets an id; calls have no order among each
    // other.
    //
    // All parts see the streams as they were before the statement: a sequence is the version that its stream had, plus
    // the event's place among those of its stream. A second writer would fail on the key (stream_id, version). Where
    // somebody has removed the row of a stream, its events say how far it had come, and what retention kept of them.
    // A hash goes on from that of the event before (AuditHash); of the first of a stream that one is read by its key.
    // No joins: the planner does not know how many rows are taken, and a wrong guess would multiply them.
    private const string MoveSql = $"""
        /* {StatementMark.Sequence} */ WITH taken AS (
            DELETE FROM voice.outbox
            WHERE id IN (SELECT id FROM voice.outbox ORDER BY id LIMIT $2)
            RETURNING id, event_id, stream, array_position($3, type) AS type, type AS contract,
                      body::jsonb AS data, trace_parent
        ), page AS (
            SELECT id, event_id, stream, data, type, contract, trace_parent, row_number() OVER of_stream AS place,
                   coalesce((SELECT s.version FROM voice_audit.mt_streams AS s WHERE s.id = stream),
                            (SELECT max(e.version) FROM voice_audit.mt_events AS e WHERE e.stream_id = stream),
                            (SELECT head.version FROM voice.removed_head AS head WHERE head.stream = taken.stream), 0)
                       + row_number() OVER of_stream AS version
            FROM taken WINDOW of_stream AS (PARTITION BY stream ORDER BY id)
        ), grown AS (
            INSERT INTO voice_audit.mt_streams (id, version, tenant_id)
            SELECT stream, max(version), '*DEFAULT*' FROM page GROUP BY stream ORDER BY stream
            ON CONFLICT (id) DO UPDATE SET version = excluded.version, timestamp = now()
        ), published AS (
            {RelayCheckpointTable.AdvanceSql} AND ($6 OR EXISTS (SELECT FROM taken))
        )
        {StoredEvent.InsertSql}
        SELECT nextval('voice_audit.mt_events_sequence'), event_id, stream, version, data,
               ($4)[type], ($5)[type], {StoredEvent.HeadersSql}, '*DEFAULT*', now()
        FROM (
            SELECT event_id, stream, version, data, type, trace_parent,
                   encode(voice.chain(CASE WHEN place = 1 AND version > 1 THEN {AuditHash.PreviousSql} END,
                                      {AuditHash.EventSql})
                       OVER (PARTITION BY stream ORDER BY id ROWS UNBOUNDED PRECEDING), 'hex') AS hash
            FROM page ORDER BY id
        ) AS linked
        RETURNING {StoredEvent.Columns}
        """;

    /// <summary>Sequences the oldest events and advances the checkpoint: one round trip, which is a transaction of its
    /// own.</summary>
    /// <param name="session">The leader's, without an open transaction.</param>
    /// <param name="published">Position up to which everything is confirmed by the broker.</param>
    /// <param name="pageSize">At most so many events.</param>
    /// <param name="advanceAlone">Whether the checkpoint advances also when there is nothing to sequence: a commit of
    /// its own.</param>
    /// <param name="cancellationToken">Cancels the round trip; the page may be committed nevertheless.</param>
    /// <returns>The committed page, in store order; empty when the outbox is.</returns>
    /// <exception cref="UnconfirmedCommitException">It is committed on this server, and a synchronous standby has not
    /// confirmed it: what a failover may take back must not be published.</exception>
    public async Task<IReadOnlyList<StoredEvent>> SequenceAsync(
        NpgsqlConnection session, long published, int pageSize, bool advanceAlone, CancellationToken cancellationToken)
    {
        var begun = Tracing.Source.HasListeners() ? TimeProvider.System.GetUtcNow() : default;
        await using var move = MoveCommand(session, published, pageSize, advanceAlone);
        using var watch = new CommitWatch(session);
        var page = await StoredEvent.ReadAllAsync(move, cancellationToken);
        watch.ThrowIfUnconfirmed();
        using var span = Tracing.StartShared(
            "sequence audit events", page.Select(stored => Tracing.Parse(stored.TraceParent)), begun);
        return page;
    }

    /// <summary>Has the statements planned and the code loaded, so that the first event does not wait for it. Moves
    /// nothing, and locks no row that another leader may be moving.</summary>
    /// <param name="session">Without an open transaction.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public async Task RehearseAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await SequenceAsync(session, published: 0, pageSize: 0, advanceAlone: false, cancellationToken);
        await EventStore.ReadAfterAsync(session, long.MaxValue, 1, cancellationToken);
    }

    private NpgsqlCommand MoveCommand(
        NpgsqlConnection session, long published, int pageSize, bool advanceAlone) => new(MoveSql, session)
    {
        Parameters =
        {
            new NpgsqlParameter<long> { TypedValue = published },
            new NpgsqlParameter<int> { TypedValue = pageSize },
            new NpgsqlParameter<string[]> { TypedValue = store.Types.ContractNames },
            new NpgsqlParameter<string[]> { TypedValue = store.Types.EventTypeNames },
            new NpgsqlParameter<string[]> { TypedValue = store.Types.DotNetTypeNames },
            new NpgsqlParameter<bool> { TypedValue = advanceAlone },
        },
    };
}
