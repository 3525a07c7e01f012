using Npgsql;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Relay;
using VoiceWorker.Tests.Integration.Audit;
using Xunit;

namespace VoiceWorker.Tests.Integration.Relay;

/// <summary>How much a crash of the relay repeats.</summary>
public sealed class RelayCheckpointTests(TestServers servers)
{
    private const int PageSize = 10;
    private const int Events = 100;

    [Fact]
    public async Task In_the_midst_of_a_backlog_the_checkpoint_is_never_more_than_two_pages_behind()
    {
        await using var database = await servers.Migrated.CopyAsync();
        await using var connections = new PostgresConnections(database.WorkerConnectionString, "public");
        await using var store = new EventStore(connections);
        await using var session = await connections.OpenAsync(Token);
        await using var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);
        await AuditTopology.DeclareAsync(broker.AmqpChannel, null, Token);
        await broker.BindAsync(Exchanges.VoiceAudit);
        var unpublished = await SequenceAsync(store, session);
        await using var relay = new RelayUnderTest(
            servers.AmqpUri, connections, store, new AuditOptions { PageSize = PageSize });

        RelayRound round;
        do
        {
            round = await relay.RunOnceAsync(Token);
            unpublished -= round.Published;
            Assert.InRange(await BehindAsync(session) - unpublished, 0, 2 * PageSize);
        }
        while (round.MustGoOn);

        Assert.Equal(0, unpublished);
        Assert.Equal(0, await BehindAsync(session));
    }

    // In the store, and nothing of it published.
    private static async Task<int> SequenceAsync(EventStore store, NpgsqlConnection session)
    {
        for (var n = 0; n < Events; n++)
            await OutboxTable.AddAsync(session, SampleEvents.Resolved(1, n), Token);
        return (await new Sequencer(store).SequenceAsync(session, 0, 2 * Events, advanceAlone: false, Token)).Count;
    }

    private static async Task<int> BehindAsync(NpgsqlConnection session) =>
        (int)(await RelayCheckpointTable.UnpublishedAsync(session, Token)).Count;

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
