using VoiceWorker.Contracts;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Relay;
using VoiceWorker.Tests.Integration.Audit;
using Xunit;

namespace VoiceWorker.Tests.Integration.Relay;

/// <summary>When the leader seals.</summary>
public sealed class TrailSealerTests(TestServers servers)
{
    [Fact]
    public async Task A_seal_comes_after_so_many_events_and_behind_them()
    {
        await using var stage = await RelayStage.SetAsync(servers);
        await stage.Broker.BindAsync(Exchanges.VoiceAudit);
        await using var relay = new RelayUnderTest(servers.AmqpUri, stage, new AuditOptions { SealEvents = 3, PageSize = 2 });
        await stage.RecordAsync(Enumerable.Range(0, 7).Select(n => SampleEvents.Resolved(1 + (n % 2), n)));

        await relay.RunUntilAsync(round => !round.MustGoOn);

        Assert.Equal([(4, 4, 2), (3, 7, 2)], await SealsAsync(stage));
        Assert.Equal("CCCCSCCCS", string.Concat(
            (await ReadAsync(stage)).Select(stored => stored.Event is TrailSealed ? 'S' : 'C')));
    }

    [Fact]
    public async Task What_an_earlier_leader_did_not_seal_the_next_one_does()
    {
        await using var stage = await RelayStage.SetAsync(servers);
        await stage.Broker.BindAsync(Exchanges.VoiceAudit);
        await stage.RecordAsync(Enumerable.Range(0, 4).Select(n => SampleEvents.Resolved(1, n)));
        await using (var first = new RelayUnderTest(servers.AmqpUri, stage, new AuditOptions()))
            await first.RunUntilAsync(round => !round.MustGoOn);
        Assert.Empty(await SealsAsync(stage));

        await using (var second = new RelayUnderTest(servers.AmqpUri, stage, new AuditOptions { SealEvents = 4 }))
            await second.RunUntilAsync(round => !round.MustGoOn);

        Assert.Equal([(4, 4, 1)], await SealsAsync(stage));
    }

    [Fact]
    public async Task An_event_does_not_wait_longer_for_its_seal_than_the_interval()
    {
        await using var stage = await RelayStage.SetAsync(servers);
        await stage.Broker.BindAsync(Exchanges.VoiceAudit);
        await stage.RecordAsync(SampleEvents.Resolved(1, 0));
        await using (var first = new RelayUnderTest(servers.AmqpUri, stage, new AuditOptions()))
            await first.RunUntilAsync(round => !round.MustGoOn);
        // As an earlier leader left it, so that nothing is waited for.
        await stage.Database.ExecuteAsync("UPDATE voice_audit.mt_events SET timestamp = timestamp - interval '11 minutes'");

        await using var second = new RelayUnderTest(servers.AmqpUri, stage, new AuditOptions());
        await second.RunUntilAsync(round => !round.MustGoOn);

        Assert.Equal([(1, 1, 1)], await SealsAsync(stage));
    }

    private static async Task<IEnumerable<(long Events, long InAll, long Streams)>> SealsAsync(RelayStage stage) =>
        (await ReadAsync(stage)).Select(stored => stored.Event).OfType<TrailSealed>()
            .Select(seal => (seal.Events, seal.EventsInAll, seal.Streams));

    private static async Task<IReadOnlyList<StoredEvent>> ReadAsync(RelayStage stage)
    {
        await using var session = await stage.Connections.OpenAsync(TestContext.Current.CancellationToken);
        return await EventStore.ReadAfterAsync(session, 0, 1_000, TestContext.Current.CancellationToken);
    }
}
