using VoiceWorker.Contracts;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Persistence.Outbox;
using Xunit;

namespace VoiceWorker.Tests.Integration.Audit;

/// <summary>The two facts about Marten that the design stands on.</summary>
public sealed class EventStoreTests(TestServers servers)
{
    [Fact]
    public async Task What_Marten_appends_within_our_transaction_is_gone_when_we_roll_back()
    {
        await using var database = await MigratedAsync();
        await using var connections = new PostgresConnections(database.WorkerConnectionString, "public");
        await using var store = new EventStore(connections);
        await using var session = await connections.OpenAsync(Token);

        await using (var transaction = await session.BeginTransactionAsync(Token))
        {
            var appended = await store.AppendAsync(transaction, [Event(1, 0), Event(1, 1), Event(2, 2)], Token);
            Assert.Equal([1, 2, 1], appended.OrderBy(e => e.Event.Stream).ThenBy(e => e.Event.Sequence).Select(e => e.Event.Sequence));
            await transaction.RollbackAsync(Token);
        }

        Assert.Equal(0, await database.ScalarAsync<long>(
            "SELECT (SELECT count(*) FROM voice_audit.mt_events) + (SELECT count(*) FROM voice_audit.mt_streams)"));
    }

    [Fact]
    public async Task With_one_writer_every_stream_is_gap_free_though_pages_are_rolled_back_in_between()
    {
        await using var database = await MigratedAsync();
        await using var connections = new PostgresConnections(database.WorkerConnectionString, "public");
        await using var store = new EventStore(connections);
        await using var session = await connections.OpenAsync(Token);
        var random = new Random(58);

        var sequenced = new List<StoredEvent>();
        for (var page = 0; page < 20; page++)
        {
            var events = Enumerable.Range(0, 100).Select(n => Event(random.Next(1, 30), (page * 100) + n)).ToList();
            await using var transaction = await session.BeginTransactionAsync(Token);
            var appended = await store.AppendAsync(transaction, events, Token);
            if (page % 5 == 3)
            {
                await transaction.RollbackAsync(Token);
                continue;
            }

            await transaction.CommitAsync(Token);
            sequenced.AddRange(appended);
        }

        Assert.Equal(1_600, sequenced.Count);
        Assert.All(sequenced.GroupBy(e => e.Event.Stream), stream =>
            Assert.Equal(Enumerable.Range(1, stream.Count()).Select(n => (long)n), stream.Select(e => e.Event.Sequence)));
        // What was known in memory when it was appended is what a restart reads.
        Assert.Equal(sequenced, await store.ReadAfterAsync(session, 0, 10_000, Token));
    }

    [Fact]
    public async Task An_event_is_kept_with_its_own_fields_as_they_are_on_the_wire()
    {
        await using var database = await MigratedAsync();
        await using var connections = new PostgresConnections(database.WorkerConnectionString, "public");
        await using var store = new EventStore(connections);
        await using var session = await connections.OpenAsync(Token);

        await AppendAsync(store, session, Event(1, 0));

        Assert.Equal(
            "businessId callId occurredAt reason source startedAt voiceId",
            await database.ScalarAsync<string>("SELECT string_agg(name, ' ' ORDER BY name) FROM voice_audit.mt_events, jsonb_object_keys(data) AS name"));
        Assert.Equal("CA0", await database.ScalarAsync<string>("SELECT data->>'callId' FROM voice_audit.mt_events"));
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

        var first = await sequencer.SequenceAsync(session, published: 0, pageSize: 4, Token);
        var second = await sequencer.SequenceAsync(session, first[^1].Position, pageSize: 4, Token);
        var third = await sequencer.SequenceAsync(session, second[^1].Position, pageSize: 4, Token);

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

        await AppendAsync(store, session, Event(1, 0));
        // As Marten writes it, on a connection of its own, when a connection breaks in the middle of an append.
        await database.ExecuteAsync("""
            INSERT INTO voice_audit.mt_streams (id, version) VALUES ('mt_tombstone', 1);
            INSERT INTO voice_audit.mt_events (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type)
            SELECT nextval('voice_audit.mt_events_sequence'), gen_random_uuid(), 'mt_tombstone', 1, '{}', 'tombstone', now(),
                   tenant_id, 'JasperFx.Events.Tombstone, JasperFx.Events' FROM voice_audit.mt_events LIMIT 1
            """);
        await AppendAsync(store, session, Event(1, 2));

        var read = await store.ReadAfterAsync(session, 0, 100, Token);
        Assert.Equal([("business-1", 1L), ("business-1", 2L)], read.Select(e => (e.Event.Stream, e.Event.Sequence)));
        Assert.Equal(2, (await RelayCheckpointTable.UnpublishedAsync(session, Token)).Count);
    }

    private static async Task AppendAsync(EventStore store, Npgsql.NpgsqlConnection session, OutboxEvent outboxEvent)
    {
        await using var transaction = await session.BeginTransactionAsync(Token);
        await store.AppendAsync(transaction, [outboxEvent], Token);
        await transaction.CommitAsync(Token);
    }

    private Task<LegacyDatabase> MigratedAsync() => LegacyDatabase.CreateMigratedAsync(servers.Postgres);

    private static OutboxEvent Event(int businessId, int number) => OutboxEvent.Of(new CallVoiceResolved
    {
        EventId = Guid.CreateVersion7(DateTimeOffset.UnixEpoch), Stream = AuditEvent.BusinessStream(businessId),
        OccurredAt = DateTimeOffset.UnixEpoch, CallId = $"CA{number}", BusinessId = businessId, VoiceId = "ash",
        Source = VoiceSource.Default, Reason = VoiceReason.NoVoice, StartedAt = DateTimeOffset.UnixEpoch,
    }) with { TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
