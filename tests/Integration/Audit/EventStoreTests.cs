using Marten;
using Npgsql;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using Xunit;

namespace VoiceWorker.Tests.Integration.Audit;

/// <summary>How events get from the outbox into Marten's event store.</summary>
public sealed class EventStoreTests(TestServers servers)
{
    private const string TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    [Fact]
    public async Task What_the_sequencer_writes_is_what_Marten_writes()
    {
        await using var database = await MigratedAsync();
        await using var connections = new PostgresConnections(database.WorkerConnectionString, "public");
        await using var store = new EventStore(connections);
        await using var session = await connections.OpenAsync(Token);
        await DrainAsync(store, session);
        foreach (var traced in new[] { true, false })
        {
            foreach (var contract in Exchanges.OfAuditEvents.Keys)
            {
                await AppendByMartenAsync(database, Sample(contract, "by-marten"), traced);
                var outboxEvent = OutboxEvent.Of(Sample(contract, "by-sequencer"));
                await OutboxTable.AddAsync(session, outboxEvent with { TraceParent = traced ? TraceParent : null }, Token);
                Assert.Single(await new Sequencer(store).SequenceAsync(session, 0, 10, advanceAlone: false, Token));
            }
        }

        var events = await RowsOfAsync(database, """
            SELECT to_jsonb(e) - '{seq_id,id,stream_id,timestamp,headers}'::text[]
                || jsonb_build_object('headers', CASE jsonb_typeof(e.headers) WHEN 'object' THEN nullif(e.headers - 'hash', '{}') END)
            FROM voice_audit.mt_events AS e WHERE stream_id = $1 ORDER BY version
            """);
        Assert.Equal(2 * Exchanges.OfAuditEvents.Count, events.Marten.Count);
        Assert.Equal(events.Marten, events.Sequencer);
        var streams = await RowsOfAsync(database, "SELECT to_jsonb(s) - '{id,timestamp,created}'::text[] FROM voice_audit.mt_streams AS s WHERE id = $1");
        Assert.Equal(streams.Marten, streams.Sequencer);
    }

    [FullRun]
    [Fact]
    public async Task A_page_whose_commit_fails_is_back_in_the_outbox_and_no_sequence_is_lost()
    {
        await using var database = await MigratedAsync();
        await using var connections = new PostgresConnections(database.WorkerConnectionString, "public");
        await using var store = new EventStore(connections);
        await using var session = await connections.OpenAsync(Token);
        await DrainAsync(store, session);
        await database.ExecuteAsync("""
            CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused' USING ERRCODE = '23514'; END $$;
            CREATE CONSTRAINT TRIGGER fail AFTER INSERT ON voice_audit.mt_events DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION fail();
            ALTER TABLE voice_audit.mt_events DISABLE TRIGGER fail;
            """);
        var sequencer = new Sequencer(store);
        var random = new Random(58);

        var sequenced = new List<StoredEvent>();
        for (var page = 0; page < 20; page++)
        {
            for (var n = 0; n < 100; n++)
                await OutboxTable.AddAsync(session, Event(random.Next(1, 30), (page * 100) + n), Token);
            if (page % 5 == 3)
                await FailAsync(database, sequencer, session);
            sequenced.AddRange(await sequencer.SequenceAsync(session, 0, 1_000, advanceAlone: false, Token));
        }

        Assert.Equal(Enumerable.Range(0, 2_000).Select(n => $"CA{n}"), sequenced.Select(e => ((CallVoiceResolved)e.Event).CallId));
        Assert.All(sequenced.GroupBy(e => e.Event.Stream), stream =>
            Assert.Equal(Enumerable.Range(1, stream.Count()).Select(n => (long)n), stream.Select(e => e.Event.Sequence)));
        // What was known in memory when it was sequenced is what a restart reads.
        Assert.Equal(sequenced, await EventStore.ReadAfterAsync(session, sequenced[0].Position - 1, 10_000, Token));
    }

    [Fact]
    public async Task A_rehearsal_moves_nothing()
    {
        await using var database = await MigratedAsync();
        await using var connections = new PostgresConnections(database.WorkerConnectionString, "public");
        await using var store = new EventStore(connections);
        await using var session = await connections.OpenAsync(Token);

        await new Sequencer(store).RehearseAsync(session, Token);

        // The migration's own event.
        Assert.Equal(1, (await OutboxTable.BacklogAsync(session, Token)).Count);
        Assert.Empty(await EventStore.ReadAfterAsync(session, 0, 10, Token));
    }

    [Fact]
    public async Task An_event_is_kept_with_its_own_fields_as_they_are_on_the_wire()
    {
        await using var database = await MigratedAsync();
        await using var connections = new PostgresConnections(database.WorkerConnectionString, "public");
        await using var store = new EventStore(connections);
        await using var session = await connections.OpenAsync(Token);

        await DrainAsync(store, session);
        await SequenceAsync(store, session, Event(1, 0));

        Assert.Equal(
            "businessId callId occurredAt reason source startedAt voiceId",
            await database.ScalarAsync<string>("SELECT string_agg(name, ' ' ORDER BY name) FROM voice_audit.mt_events, jsonb_object_keys(data) AS name WHERE stream_id = 'business-1'"));
        Assert.Equal("CA0", await database.ScalarAsync<string>("SELECT data->>'callId' FROM voice_audit.mt_events WHERE stream_id = 'business-1'"));
    }

    [Fact]
    public async Task The_sequencer_moves_events_from_the_outbox_or_leaves_them_there()
    {
        await using var database = await MigratedAsync();
        await using var connections = new PostgresConnections(database.WorkerConnectionString, "public");
        await using var store = new EventStore(connections);
        await using var session = await connections.OpenAsync(Token);
        for (var n = 0; n < 5; n++)
            await OutboxTable.AddAsync(session, Event(1, n), Token);
        var sequencer = new Sequencer(store);

        var first = await sequencer.SequenceAsync(session, published: 0, pageSize: 4, advanceAlone: false, Token);
        var second = await sequencer.SequenceAsync(session, first[^1].Position, pageSize: 4, advanceAlone: false, Token);
        var third = await sequencer.SequenceAsync(session, second[^1].Position, pageSize: 4, advanceAlone: false, Token);

        // The migration's own event came first.
        Assert.Equal((4, 2, 0), (first.Count, second.Count, third.Count));
        Assert.Equal(["CA0", "CA1", "CA2", "CA3", "CA4"], first.Concat(second).Select(e => e.Event).OfType<CallVoiceResolved>().Select(e => e.CallId));
        Assert.Equal(first[^1].Position, await RelayCheckpointTable.ReadAsync(session, Token));
    }

    [Fact]
    public async Task What_Marten_leaves_behind_of_an_append_that_failed_is_not_taken_for_an_event()
    {
        await using var database = await MigratedAsync();
        await using var connections = new PostgresConnections(database.ConnectionString, "public");
        await using var store = new EventStore(connections);
        await using var session = await connections.OpenAsync(Token);

        var before = await DrainAsync(store, session);
        await RelayCheckpointTable.AdvanceAsync(session, before, Token);
        await SequenceAsync(store, session, Event(1, 0));
        // As Marten writes it, on a connection of its own, when a connection breaks in the middle of an append.
        await database.ExecuteAsync("""
            INSERT INTO voice_audit.mt_streams (id, version) VALUES ('mt_tombstone', 1);
            INSERT INTO voice_audit.mt_events (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type)
            SELECT nextval('voice_audit.mt_events_sequence'), gen_random_uuid(), 'mt_tombstone', 1, '{}', 'tombstone', now(),
                   tenant_id, 'JasperFx.Events.Tombstone, JasperFx.Events' FROM voice_audit.mt_events LIMIT 1
            """);
        await SequenceAsync(store, session, Event(1, 2));

        var read = await EventStore.ReadAfterAsync(session, before, 100, Token);
        Assert.Equal([("business-1", 1L), ("business-1", 2L)], read.Select(e => (e.Event.Stream, e.Event.Sequence)));
        Assert.Equal(2, (await RelayCheckpointTable.UnpublishedAsync(session, Token)).Count);
    }

    [Theory]
    [InlineData("DELETE FROM voice_audit.mt_streams")]
    [InlineData("""
        DELETE FROM voice_audit.mt_streams;
        WITH removed AS (DELETE FROM voice_audit.mt_events RETURNING stream_id, version)
        INSERT INTO voice.removed_head (stream, version) SELECT stream_id, max(version) FROM removed GROUP BY stream_id
        """)]
    public async Task Without_the_row_of_its_stream_an_event_gets_the_next_sequence_all_the_same(string removing)
    {
        await using var database = await MigratedAsync();
        await using var connections = new PostgresConnections(database.WorkerConnectionString, "public");
        await using var store = new EventStore(connections);
        await using var session = await connections.OpenAsync(Token);
        await DrainAsync(store, session);
        foreach (var n in new[] { 0, 1 })
            await SequenceAsync(store, session, Event(1, n));
        await database.ExecuteAsync(removing);
        foreach (var n in new[] { 2, 3 })
            await OutboxTable.AddAsync(session, Event(1, n), Token);

        var next = await new Sequencer(store).SequenceAsync(session, 0, 10, advanceAlone: false, Token);

        Assert.Equal([3L, 4L], next.Select(stored => stored.Event.Sequence));
        Assert.Equal(4, await database.ScalarAsync<long>("SELECT version FROM voice_audit.mt_streams WHERE id = 'business-1'"));
    }

    [Fact]
    public async Task An_update_by_Marten_reads_no_event_and_leaves_no_foreign_key()
    {
        await using var database = await MigratedAsync();
        // The key could not be added if the events were read.
        await database.ExecuteAsync("""
            INSERT INTO voice_audit.mt_events (seq_id, id, stream_id, version, data, type, timestamp)
            VALUES (nextval('voice_audit.mt_events_sequence'), gen_random_uuid(), 'business-1', 1, '{}', 'call_voice_resolved', now());
            ALTER TABLE voice_audit.mt_streams DROP COLUMN compacted_version;
            """);
        await using var connections = new PostgresConnections(database.ConnectionString, "public");
        await using var store = new EventStore(connections);
        await using var session = await connections.OpenAsync(Token);

        await store.ApplySchemaAsync(session, Token);

        Assert.Equal(1, await database.ScalarAsync<long>(
            "SELECT count(*) FROM pg_attribute WHERE attrelid = 'voice_audit.mt_streams'::regclass AND attname = 'compacted_version'"));
        Assert.Equal(0, await database.ScalarAsync<long>(
            "SELECT count(*) FROM pg_constraint WHERE conrelid = 'voice_audit.mt_events'::regclass AND contype = 'f'"));
    }

    // The migration's own event comes first.
    private static async Task<long> DrainAsync(EventStore store, NpgsqlConnection session) =>
        Assert.Single(await new Sequencer(store).SequenceAsync(session, 0, 10, advanceAlone: false, Token)).Position;

    private static async Task SequenceAsync(EventStore store, NpgsqlConnection session, OutboxEvent outboxEvent)
    {
        await OutboxTable.AddAsync(session, outboxEvent, Token);
        Assert.Single(await new Sequencer(store).SequenceAsync(session, 0, 10, advanceAlone: false, Token));
    }

    private static async Task FailAsync(LegacyDatabase database, Sequencer sequencer, NpgsqlConnection session)
    {
        await database.ExecuteAsync("ALTER TABLE voice_audit.mt_events ENABLE TRIGGER fail");
        var failure = await Assert.ThrowsAsync<PostgresException>(() => sequencer.SequenceAsync(session, 0, 1_000, advanceAlone: false, Token));
        Assert.Equal("23514", failure.SqlState);
        await database.ExecuteAsync("ALTER TABLE voice_audit.mt_events DISABLE TRIGGER fail");
    }

    // As the owner: no worker does it, and its role need not be able to.
    private static async Task AppendByMartenAsync(LegacyDatabase database, AuditEvent auditEvent, bool traced)
    {
        await using var marten = DocumentStore.For(options => EventStore.Configure(options, database.ConnectionString));
        await using var session = marten.LightweightSession();
        if (traced)
            session.SetHeader("traceparent", TraceParent);
        session.Events.Append(auditEvent.Stream, auditEvent);
        await session.SaveChangesAsync(Token);
    }

    private static async Task<(List<string> Marten, List<string> Sequencer)> RowsOfAsync(LegacyDatabase database, string sql) =>
        (await ReadAsync(database, sql, "by-marten"), await ReadAsync(database, sql, "by-sequencer"));

    private static async Task<List<string>> ReadAsync(LegacyDatabase database, string sql, string stream)
    {
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var command = source.CreateCommand(sql);
        command.Parameters.AddWithValue(stream);
        await using var reader = await command.ExecuteReaderAsync(Token);
        var rows = new List<string>();
        while (await reader.ReadAsync(Token))
            rows.Add(reader.GetString(0));
        return rows;
    }

    private static AuditEvent Sample(Type contract, string stream)
    {
        AuditEvent sample = contract.Name switch
        {
            nameof(CallVoiceResolved) => AuditJson.Read(contract, Event(1, 1).Body),
            nameof(BusinessVoiceUpdated) => new BusinessVoiceUpdated
            {
                BusinessId = 1, PreviousVoiceId = null, VoiceId = "ash", ChangedAt = DateTimeOffset.UnixEpoch, ChangedBy = "ü",
            },
            nameof(BusinessVoiceChangeRejected) => new BusinessVoiceChangeRejected
            {
                BusinessId = 1, VoiceId = "x", Reason = ChangeRejection.Superseded, ChangedAt = DateTimeOffset.UnixEpoch,
                ChangedBy = null,
            },
            nameof(HistoryLost) => new HistoryLost
            {
                Lost = [new() { EventId = Guid.Empty, Sequence = 1, Type = "x", RecordedAgain = true }], IsComplete = true,
            },
            nameof(TrailSealed) => new TrailSealed
            {
                Events = 1, EventsInAll = 1, Streams = 1, Position = 1, PreviousRoot = "00", Root = "0a",
            },
            nameof(OperatorActed) => new OperatorActed
            {
                Operator = "ü@host", Verb = "voice set", Filter = new Dictionary<string, string> { ["business"] = "1" },
                Counts = new Dictionary<string, long> { ["updated"] = 1 }, Result = OperatorActResult.Done, Note = null,
            },
            _ => new SchemaMigrated { Migration = "58", Steps = ["one"], RowsBackfilled = 1, DurationMs = 1 },
        };
        return sample with { EventId = Guid.CreateVersion7(DateTimeOffset.UnixEpoch), Stream = stream };
    }

    private Task<LegacyDatabase> MigratedAsync() => servers.Migrated.CopyAsync();

    private static OutboxEvent Event(int businessId, int number) =>
        SampleEvents.Resolved(businessId, number) with { TraceParent = TraceParent };

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
