using Npgsql;
using VoiceWorker.Calls;
using VoiceWorker.Changes;
using VoiceWorker.Commit;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Network;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Tests.Integration.Audit;
using VoiceWorker.Voices;
using Xunit;

namespace VoiceWorker.Tests.Integration.Commit;

/// <summary>2 round trips for a group of calls, 3 for one of changes, 1 for a page of events, and 1 commit, whatever
/// its size.</summary>
public sealed class StatementBudgetTests(TestServers servers)
{
    private static readonly VoiceCatalogue Catalogue = new(new VoiceOptions());

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(500)]
    public async Task A_group_of_calls_takes_two_round_trips_and_one_commit(int size)
    {
        await using var measured = await MeasuredDatabase.CreateAsync(servers);
        var transaction = new CallTransaction(measured.Connections, Catalogue, TimeProvider.System);
        var calls = Enumerable.Range(1, size)
            .Select(n => new PendingCall(new CallStarted($"CA{n}", 1 + (n % 50), DateTimeOffset.UnixEpoch), null)).ToList();

        await AssertBudgetAsync(measured, transaction, calls, roundTrips: 2);
        await AssertBudgetAsync(measured, transaction, calls, roundTrips: 2);
        await AssertOneCommitAsync(measured, "voice.call_voice");

        Assert.Equal(size, await measured.Database.ScalarAsync<long>("SELECT count(*) FROM voice.call_voice"));
        Assert.Equal(size, await measured.Database.ScalarAsync<long>("SELECT count(*) FROM voice.outbox WHERE type = 'CallVoiceResolved'"));
    }

    [Fact]
    public async Task A_group_of_changes_takes_three_round_trips_and_one_commit()
    {
        await using var measured = await MeasuredDatabase.CreateAsync(servers);
        var transaction = new ChangeTransaction(measured.Connections, Catalogue, TimeProvider.System);
        var changes = Enumerable.Range(1, 100).Select(n => new PendingChange(
            new BusinessVoiceChanged(1 + (n % 30), "coral", DateTimeOffset.UnixEpoch.AddSeconds(n)), null)).ToList();

        await AssertBudgetAsync(measured, transaction, changes, roundTrips: 3);
        await AssertBudgetAsync(measured, transaction, changes, roundTrips: 3);
        await AssertOneCommitAsync(measured, "voice.business_voice_change");

        Assert.Equal(100, await measured.Database.ScalarAsync<long>("SELECT count(*) FROM voice.business_voice_change"));
    }

    [Fact]
    public async Task A_page_of_events_takes_one_round_trip_and_one_commit()
    {
        var token = TestContext.Current.CancellationToken;
        await using var measured = await MeasuredDatabase.CreateAsync(servers);
        await using var store = new EventStore(measured.Connections);
        await using var session = await measured.Connections.OpenAsync(token);
        var sequencer = new Sequencer(store);
        await sequencer.RehearseAsync(session, token);
        for (var n = 0; n < 100; n++)
            await OutboxTable.AddAsync(session, SampleEvents.Resolved(1 + (n % 30), n), token);

        measured.Counter.Reset();
        var page = await sequencer.SequenceAsync(session, 0, pageSize: 1_000, advanceAlone: false, token);
        Assert.Equal(1, measured.Counter.Read());
        Assert.Empty(await sequencer.SequenceAsync(session, 0, pageSize: 1_000, advanceAlone: false, token));
        Assert.Equal(2, measured.Counter.Read());

        // The migration's own event is one more.
        Assert.Equal(101, page.Count);
        Assert.Equal(1, await measured.Database.ScalarAsync<long>(
            "SELECT count(DISTINCT xmin::text) FROM voice_audit.mt_events"));
    }

    private static async Task AssertBudgetAsync<TRequest, TResult>(
        MeasuredDatabase measured, IGroupTransaction<TRequest, TResult> transaction, IReadOnlyList<TRequest> group, int roundTrips)
    {
        // The first time on a connection also loads types and models.
        measured.Counter.Reset();
        await transaction.CommitAsync(group, TestContext.Current.CancellationToken);

        Assert.InRange(measured.Counter.Read(), 1, roundTrips);
    }

    // Rows tell which transaction wrote them.
    private static async Task AssertOneCommitAsync(MeasuredDatabase measured, string table) =>
        Assert.Equal(1, await measured.Database.ScalarAsync<long>(
            $"SELECT count(DISTINCT xmin::text) FROM (SELECT xmin FROM {table} UNION ALL SELECT xmin FROM voice.outbox WHERE stream <> 'schema') AS written"));

    /// <summary>A migrated database behind a counter.</summary>
    private sealed class MeasuredDatabase : IAsyncDisposable
    {
        public required LegacyDatabase Database { get; init; }

        public required RoundTripCounter Counter { get; init; }

        public required PostgresConnections Connections { get; init; }

        public static async Task<MeasuredDatabase> CreateAsync(TestServers servers)
        {
            var database = await servers.Migrated.CopyAsync(businesses: 50);
            var settings = new NpgsqlConnectionStringBuilder(database.WorkerConnectionString);
            var counter = new RoundTripCounter(settings.Host!, settings.Port);
            (settings.Host, settings.Port, settings.SslMode, settings.MaxPoolSize) = ("127.0.0.1", counter.Port, SslMode.Disable, 1);
            var measured = new MeasuredDatabase
            {
                Database = database, Counter = counter, Connections = new PostgresConnections(settings.ConnectionString, "public"),
            };
            // The first commit of a process also asks whether a promotion was dealt with.
            await measured.Connections.CommitAsync(
                _ => Task.FromResult(true), TestContext.Current.CancellationToken);
            return measured;
        }

        public async ValueTask DisposeAsync()
        {
            await Connections.DisposeAsync();
            await Counter.DisposeAsync();
            await Database.DisposeAsync();
        }
    }
}
