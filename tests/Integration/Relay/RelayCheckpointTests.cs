using Npgsql;
using VoiceWorker.Contracts;
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
        await using var stage = await RelayStage.SetAsync(servers);
        await stage.Broker.BindAsync(Exchanges.VoiceAudit);
        await stage.RecordAsync(Enumerable.Range(0, Events).Select(n => SampleEvents.Resolved(1, n)));
        await using var session = await stage.Connections.OpenAsync(Token);
        // In the store, and nothing of it published.
        var unpublished = (await new Sequencer(stage.Store).SequenceAsync(
            session, 0, 2 * Events, advanceAlone: false, Token)).Count;
        await using var relay = new RelayUnderTest(servers.AmqpUri, stage, new AuditOptions { PageSize = PageSize });

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

    private static async Task<int> BehindAsync(NpgsqlConnection session) =>
        (int)(await RelayCheckpointTable.UnpublishedAsync(session, Token)).Count;

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
