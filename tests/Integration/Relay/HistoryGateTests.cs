using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using Xunit;

namespace VoiceWorker.Tests.Integration.Relay;

/// <summary>The first moments after a promotion: no leader has compared yet what was published with what is here.</summary>
public sealed class HistoryGateTests(TestServers servers)
{
    private const string Change = """{"businessId":2,"voiceId":"coral","changedAt":"2026-01-31T09:30:00Z"}""";

    [Fact]
    public async Task What_comes_again_after_a_promotion_is_not_decided_a_second_time()
    {
        await using var pair = await PromotedStandby.CreateAsync();
        await using var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);
        var consumer = await HeardEvents.BindAsync(broker);
        await LoseAsync(pair, broker, consumer);
        await using var connections = new PostgresConnections(pair.On(pair.Standby!), "public");
        await using (var leading = await LeadAsync(connections))
        {
            await using var first = await StartAsync(pair);
            var reply = await broker.AskAsync(Exchanges.CallStarted, Wire.Call("CA-again-1", 2));
            Assert.Equal("databaseUnavailable", reply.Field("reason"));
            await broker.PublishAsync(Exchanges.BusinessVoiceChanged, Change, BrokerClient.DirectReply, "change");
            await first.SaysAsync("nothing is recorded: waiting", staysReady: true);
            Assert.Equal(0, await first.TerminateAsync(Token));
            // What the first has not acknowledged.
            await using var second = await StartAsync(pair);
            await second.SaysAsync("nothing is recorded: waiting", staysReady: true);
            Assert.Equal([0], await CountRecordedAsync(pair));

            await leading.DisposeAsync();
            while ((await broker.NextReplyAsync()).Properties.CorrelationId != "change") { }
            await broker.AskAsync(Exchanges.CallStarted, Wire.Call("CA-later-1", 2));
            await consumer.ReadUntilAsync(_ => consumer.CountCalls("later") == 1);
        }

        Assert.Equal(1, consumer.CountCalls("again"));
        Assert.Single(consumer.Distinct.OfType<BusinessVoiceUpdated>());
        Assert.Equal(2, Assert.Single(consumer.Distinct.OfType<HistoryLost>()).Lost.Count);
        Assert.Equal([2], await CountRecordedAsync(pair));
    }

    // A call and a change are answered and published, and the server that is promoted has neither.
    private async Task LoseAsync(PromotedStandby pair, BrokerClient broker, HeardEvents consumer)
    {
        await using (await StartAsync(pair))
        {
            await broker.AskAsync(Exchanges.CallStarted, Wire.Call("CA-kept-1", 1));
            await consumer.ReadUntilAsync(_ => consumer.CountCalls("kept") == 1);
        }

        await pair.SplitAsync();
        await using (await StartAsync(pair))
        {
            await broker.AskAsync(Exchanges.BusinessVoiceChanged, Change);
            await broker.AskAsync(Exchanges.CallStarted, Wire.Call("CA-again-1", 2));
            await consumer.ReadUntilAsync(_ => consumer.CountCalls("again") == 1);
        }

        await pair.KillPrimaryAsync();
        await pair.PromoteAsync();
    }

    // No worker does, as long as it stays open.
    private static async Task<IAsyncDisposable> LeadAsync(PostgresConnections connections)
    {
        var session = await RelayLeadership.OpenSessionAsync(connections, TimeSpan.FromMinutes(10), Token);
        Assert.True(await RelayLeadership.TryTakeAsync(session, Token));
        return session;
    }

    private async Task<IWorker> StartAsync(PromotedStandby pair)
    {
        var worker = WorkerLauncher.Start(
            RunningWorker.Connections(pair.Hosts, servers),
            ["run", "--Replies:Deadline=00:00:01", "--Shutdown:Timeout=00:00:04"]);
        await worker.WaitReadyAsync(Token);
        return worker;
    }

    private static Task<IReadOnlyList<long>> CountRecordedAsync(PromotedStandby pair) => pair.ReadAsync<long>("""
        SELECT (SELECT count(*) FROM voice.call_voice WHERE call_id = 'CA-again-1')
            + (SELECT count(*) FROM voice.business_voice_change)
        """);

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
