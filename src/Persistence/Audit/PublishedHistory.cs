using Npgsql;
using VoiceWorker.Contracts;

namespace VoiceWorker.Persistence.Audit;

/// <summary>
/// Events that were published, beside what this database has of them, and the way back into the event store for those
/// that it does not have. Only for a leader that has sequenced nothing yet: else sequences were given twice by then.
/// </summary>
public sealed class PublishedHistory(EventStore store)
{
    // By the keys of both tables. Retention removes events and leaves the versions of their streams.
    private const string CompareSql = """
        SELECT published.position::int, coalesce(s.version, 0),
               CASE WHEN e.id = published.event_id THEN 'Kept'
                    WHEN e.id IS NOT NULL THEN CASE WHEN EXISTS (
                        SELECT FROM voice_audit.mt_events AS told
                        WHERE told.stream_id = published.stream AND told.type = 'history_lost'
                          AND told.data -> 'lost' @> jsonb_build_array(
                              jsonb_build_object('eventId', published.event_id::text))) THEN 'Kept' ELSE 'Displaced' END
                    WHEN published.sequence <= s.version THEN 'Kept'
                    WHEN EXISTS (SELECT FROM voice.outbox AS o WHERE o.event_id = published.event_id) THEN 'Waiting'
                    ELSE 'Missing' END
        FROM unnest($1::uuid[], $2::text[], $3::bigint[]) WITH ORDINALITY
            AS published (event_id, stream, sequence, position)
        LEFT JOIN voice_audit.mt_streams AS s ON s.id = published.stream
        LEFT JOIN voice_audit.mt_events AS e ON e.stream_id = published.stream AND e.version = published.sequence
        """;

    private const string TakeSql = "DELETE FROM voice.outbox WHERE event_id = ANY($1)";

    private const string GrowSql = """
        INSERT INTO voice_audit.mt_streams AS s (id, version, tenant_id)
        SELECT stream, max(version), '*DEFAULT*' FROM unnest($1::text[], $2::bigint[]) AS event (stream, version)
        GROUP BY stream ORDER BY stream
        ON CONFLICT (id) DO UPDATE SET version = greatest(s.version, excluded.version), timestamp = now()
        """;

    // As Sequencer writes them, but for sequences and hashes, which are given. What is new goes on from the last event
    // of its stream, which may be one of these.
    private const string AddSql = $"""
        {StoredEvent.InsertSql}
        SELECT nextval('voice_audit.mt_events_sequence'), event_id, stream, version, data, type, dotnet_type,
               {StoredEvent.HeadersSql}, '*DEFAULT*', now()
        FROM (
            SELECT event_id, stream, version, data, type, dotnet_type, trace_parent,
                   CASE WHEN is_new THEN encode(voice.next_hash(NULL,
                       CASE WHEN lag(version) OVER of_stream = version - 1 THEN lag(hash) OVER of_stream
                            ELSE {AuditHash.PreviousSql} END, {AuditHash.EventSql}), 'hex') ELSE hash END AS hash
            FROM (
                SELECT event_id, stream, version, body::jsonb AS data, type, dotnet_type, contract, trace_parent, hash,
                       is_new, position
                FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::json[], $5::text[], $6::text[], $7::text[],
                            $8::text[], $9::text[], $10::boolean[])
                    WITH ORDINALITY
                    AS event (event_id, stream, version, body, type, dotnet_type, trace_parent, contract, hash, is_new,
                              position)
            ) AS page
            WINDOW of_stream AS (PARTITION BY stream ORDER BY version)
            ORDER BY position
        ) AS linked
        """;

    /// <summary>What became of each event here.</summary>
    /// <param name="session">The leader's.</param>
    /// <param name="published">Distinct by id, in the order in which they were published.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <returns>Those that are not here as they were published, in the same order.</returns>
    public static async Task<IReadOnlyList<UnkeptEvent>> FindUnkeptAsync(
        NpgsqlConnection session, IReadOnlyList<PublishedEvent> published, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(CompareSql, session)
        {
            Parameters =
            {
                Unnest.Uuid(published, one => one.Event.EventId), Unnest.Text(published, one => one.Event.Stream),
                Unnest.Long(published, one => one.Event.Sequence),
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var unkept = new List<(int Position, UnkeptEvent Event)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            if (!Enum.TryParse<Unkept>(reader.GetString(2), out var state))
                continue;
            var position = reader.GetInt32(0);
            unkept.Add((position, new(published[position - 1], state, reader.GetInt64(1))));
        }

        return [.. unkept.OrderBy(one => one.Position).Select(one => one.Event)];
    }

    /// <summary>Writes events into the store with the sequences and hashes that they have, and takes them out of the
    /// outbox.</summary>
    /// <param name="session">The leader's, with an open transaction.</param>
    /// <param name="events">Of each stream in the order of their sequences.</param>
    /// <param name="cancellationToken">Cancels the round trip.</param>
    public async Task AddAsync(
        NpgsqlConnection session, IReadOnlyList<PublishedEvent> events, CancellationToken cancellationToken)
    {
        var names = events.Select(one => store.Types.NamesOf(one.Event.GetType())).ToArray();
        await using var batch = new NpgsqlBatch(session)
        {
            BatchCommands =
            {
                new(TakeSql) { Parameters = { Ids() } },
                new(GrowSql) { Parameters = { Streams(), Sequences() } },
                new(AddSql)
                {
                    Parameters =
                    {
                        Ids(), Streams(), Sequences(), Unnest.Json(events, one => AuditJson.Write(one.Event)),
                        Unnest.Text(names, one => one.EventType), Unnest.Text(names, one => one.DotNetType),
                        Unnest.Text(events, one => one.TraceParent),
                        Unnest.Text(events, one => one.Event.GetType().Name),
                        Unnest.Text(events, one => one.Event.Hash), Unnest.Bool(events, one => one.IsNew),
                    },
                },
            },
        };
        await batch.ExecuteNonQueryAsync(cancellationToken);

        NpgsqlParameter Ids() => Unnest.Uuid(events, one => one.Event.EventId);
        NpgsqlParameter Streams() => Unnest.Text(events, one => one.Event.Stream);
        NpgsqlParameter Sequences() => Unnest.Long(events, one => one.Event.Sequence);
    }
}

/// <summary>An event as it was published.</summary>
/// <param name="Event">Complete, with id, stream and sequence.</param>
/// <param name="TraceParent">W3C trace context of its cause, if any.</param>
public sealed record PublishedEvent(AuditEvent Event, string? TraceParent)
{
    /// <summary>Whether it is not published yet, and has no hash.</summary>
    public bool IsNew { get; init; }
}

/// <summary>A published event that the event store does not have as it was published.</summary>
/// <param name="Published">As it was.</param>
/// <param name="State">What is here instead.</param>
/// <param name="StreamEnd">The last sequence that its stream has here.</param>
public sealed record UnkeptEvent(PublishedEvent Published, Unkept State, long StreamEnd);

/// <summary>What is here of a published event that the event store does not have.</summary>
public enum Unkept
{
    /// <summary>Nothing, nor anything in its place.</summary>
    Missing,

    /// <summary>It waits in the outbox: what was lost is its sequence.</summary>
    Waiting,

    /// <summary>Another event has its sequence.</summary>
    Displaced,
}
