using Npgsql;
using NpgsqlTypes;
using VoiceWorker.Contracts;

namespace VoiceWorker.Persistence.Audit;

/// <summary>
/// Writes <see cref="TrailSealed"/> into the event store: one statement, which is a transaction of its own. Not by way
/// of the outbox, where other events come before it: what a seal seals is all that lies between the seal before and
/// itself. Positions are others in a promoted database to which published events came back; that order is not.
/// </summary>
public sealed class SealWriter(EventStore store)
{
    /// <summary>Of <see cref="TrailSealed"/> in mt_events.type. A seal is not the only event of its stream: where a
    /// promotion has lost one, a <see cref="HistoryLost"/> is.</summary>
    internal const string SealType = "trail_sealed";

    // The chain goes on from the last event of the stream, what is sealed from the last seal: they are two where a
    // promotion has lost a seal. Retention may have removed either. Before the first seal are also events of a version
    // that knew no hashes (voice.sealed_seq says the same to retention).
    private const string LastSql = $"""
        SELECT coalesce(head.version, 0),
               CASE WHEN seal.version IS NOT NULL THEN seal.seq_id ELSE coalesce((
                   SELECT seq_id FROM voice_audit.mt_events
                   WHERE headers ->> '{AuditHash.Header}' IS NULL AND stream_id <> '{EventStore.TombstoneStream}'
                   ORDER BY seq_id DESC LIMIT 1), 0) END,
               head.hash, seal.data ->> 'root', seal.data ->> 'eventsInAll'
        FROM (SELECT) AS always LEFT JOIN (
            (SELECT version, headers ->> '{AuditHash.Header}' AS hash
             FROM voice_audit.mt_events WHERE stream_id = '{AuditEvent.SealStream}' ORDER BY version DESC LIMIT 1)
            UNION ALL
            SELECT version, hash FROM voice.removed_head WHERE stream = '{AuditEvent.SealStream}'
            ORDER BY version DESC LIMIT 1) AS head ON true
        LEFT JOIN (
            (SELECT version, seq_id, data FROM voice_audit.mt_events
             WHERE stream_id = '{AuditEvent.SealStream}' AND type = '{SealType}' ORDER BY version DESC LIMIT 1)
            UNION ALL
            SELECT seal_version, 0, seal FROM voice.removed_head
            WHERE stream = '{AuditEvent.SealStream}' AND seal_version IS NOT NULL
            ORDER BY version DESC LIMIT 1) AS seal ON true
        """;

    // From the end, so that it reads no more than is asked for.
    private const string UnsealedSql = $"""
        SELECT count(*), coalesce(clock_timestamp() - min(timestamp), interval '0') FROM (
            SELECT timestamp FROM voice_audit.mt_events
            WHERE seq_id > $1 AND stream_id NOT IN ('{EventStore.TombstoneStream}', '{AuditEvent.SealStream}')
            ORDER BY seq_id DESC LIMIT $2
        ) AS event
        """;

    // The last event of a stream is the one with the highest position: its hash is read by that, and no others are.
    private const string SealSql = $"""
        WITH last AS (
            SELECT stream_id, count(*) AS events, max(seq_id) AS position, max(version) AS version
            FROM voice_audit.mt_events
            WHERE seq_id > $1 AND stream_id NOT IN ('{EventStore.TombstoneStream}', '{AuditEvent.SealStream}')
            GROUP BY stream_id
        ), head AS (
            SELECT last.*, (SELECT e.headers ->> '{AuditHash.Header}' FROM voice_audit.mt_events AS e
                            WHERE e.seq_id = last.position) AS hash
            FROM last
        ), page AS (
            SELECT $2::uuid AS event_id, '{AuditEvent.SealStream}'::text AS stream, $3::bigint AS version,
                   '{nameof(TrailSealed)}' AS contract, jsonb_build_object(
                       'occurredAt', $4::text, 'events', sum(events), 'eventsInAll', $5::bigint + sum(events),
                       'streams', count(*), 'position', max(position), 'previousRoot', $6::text,
                       'root', encode(sha256(decode($6, 'hex') || string_agg(
                           convert_to(concat(stream_id, E'\n', version, E'\n', hash, E'\n'), 'UTF8'), ''::bytea
                           ORDER BY convert_to(stream_id, 'UTF8'))), 'hex')) AS data
            FROM head HAVING count(*) > 0
        ), grown AS (
            INSERT INTO voice_audit.mt_streams (id, version, tenant_id)
            SELECT stream, version, '*DEFAULT*' FROM page
            ON CONFLICT (id) DO UPDATE SET version = excluded.version, timestamp = now()
        )
        {StoredEvent.InsertSql}
        SELECT nextval('voice_audit.mt_events_sequence'), event_id, stream, version, data, $7, $8,
               {StoredEvent.HeadersSql}, '*DEFAULT*', now()
        FROM (
            SELECT page.*, NULL AS trace_parent,
                   encode(voice.next_hash(NULL, $9, {AuditHash.EventSql}), 'hex') AS hash
            FROM page
        ) AS linked
        RETURNING {StoredEvent.Columns}
        """;

    /// <summary>Where a new leader goes on.</summary>
    /// <param name="session">The leader's.</param>
    /// <param name="limit">How many events it counts at most.</param>
    /// <param name="cancellationToken">Cancels the queries.</param>
    /// <returns>The last seal, how many events came after it, and for how long the oldest of them has been there.
    /// </returns>
    public static async Task<(SealPoint Last, long Events, TimeSpan Age)> ReadAsync(
        NpgsqlConnection session, int limit, CancellationToken cancellationToken)
    {
        var last = await ReadLastAsync(session, cancellationToken);
        await using var command = new NpgsqlCommand(UnsealedSql, session)
        {
            Parameters =
            {
                new NpgsqlParameter<long> { TypedValue = last.Position },
                new NpgsqlParameter<int> { TypedValue = limit },
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (last, reader.GetInt64(0), reader.GetTimeSpan(1));
    }

    /// <summary>Seals all events after a seal.</summary>
    /// <param name="session">The leader's, without an open transaction.</param>
    /// <param name="last">The seal before.</param>
    /// <param name="now">By the worker's clock.</param>
    /// <param name="cancellationToken">Cancels the round trip; the seal may be committed nevertheless.</param>
    /// <returns>Null when there is none.</returns>
    /// <exception cref="UnconfirmedCommitException">It is committed on this server, and a synchronous standby has not
    /// confirmed it.</exception>
    public async Task<StoredEvent?> SealAsync(
        NpgsqlConnection session, SealPoint last, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = SealCommand(session, last, now);
        using var watch = new CommitWatch(session);
        var sealing = await StoredEvent.ReadAllAsync(command, cancellationToken);
        watch.ThrowIfUnconfirmed();
        return sealing.SingleOrDefault();
    }

    private static async Task<SealPoint> ReadLastAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(LastSql, session);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var (hash, root, inAll) = (reader.TextAt(2), reader.TextAt(3), reader.TextAt(4));
        return new(
            reader.GetInt64(0), reader.GetInt64(1), hash, AuditHash.IsHash(root) ? root! : SealPoint.NoRoot,
            long.TryParse(inAll, out var events) ? events : 0);
    }

    private NpgsqlCommand SealCommand(NpgsqlConnection session, SealPoint last, DateTimeOffset now)
    {
        var (eventType, dotNetType) = store.Types.NamesOf(typeof(TrailSealed));
        return new(SealSql, session)
        {
            Parameters =
            {
                new NpgsqlParameter<long> { TypedValue = last.Position },
                new NpgsqlParameter<Guid> { TypedValue = Guid.CreateVersion7(now) },
                new NpgsqlParameter<long> { TypedValue = last.Sequence + 1 },
                new NpgsqlParameter<string> { TypedValue = WireTime.Of(now) },
                new NpgsqlParameter<long> { TypedValue = last.EventsInAll },
                new NpgsqlParameter<string> { TypedValue = last.Root },
                new NpgsqlParameter<string> { TypedValue = eventType },
                new NpgsqlParameter<string> { TypedValue = dotNetType },
                new NpgsqlParameter { Value = (object?)last.Hash ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
            },
        };
    }
}

/// <summary>Where the next seal goes on.</summary>
/// <param name="Sequence">Of the last event of its stream; 0 when there is none.</param>
/// <param name="Position">Of the last seal in the store: what comes after it is not sealed.</param>
/// <param name="Hash">Of the last event of its stream; null when it has none.</param>
/// <param name="Root">Of the last seal: the next root goes on from it.</param>
/// <param name="EventsInAll">Sealed up to that one.</param>
public sealed record SealPoint(long Sequence, long Position, string? Hash, string Root, long EventsInAll)
{
    /// <summary>Before the first seal.</summary>
    public static string NoRoot { get; } = new('0', 64);

    /// <summary>Behind a seal that has just been written.</summary>
    /// <param name="stored">A <see cref="TrailSealed"/>.</param>
    public static SealPoint Of(StoredEvent stored)
    {
        var trailSealed = (TrailSealed)stored.Event;
        return new(
            trailSealed.Sequence, stored.Position, trailSealed.Hash, trailSealed.Root, trailSealed.EventsInAll);
    }
}
