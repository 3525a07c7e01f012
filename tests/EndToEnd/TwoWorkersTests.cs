using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd;

public sealed class TwoWorkersTests(TestServers servers)
{
    // A seal would come between the events that are counted.
    private const string NoSeal = "--Audit:SealEvents=100000";

    private const int Calls = 10_000;
    private const int Businesses = 500;

    [FullRun]
    [Fact]
    public async Task Ten_thousand_calls_through_two_workers_give_as_many_events_and_no_gap()
    {
        await using var first = await RunningWorker.StartAsync(servers, NoSeal);
        await using var second = WorkerProcess.Start(
            WorkerProcess.Dll, RunningWorker.Connections(first.Database.WorkerConnectionString, servers), ["run", NoSeal]);
        await second.WaitReadyAsync(Token);
        Assert.Equal(2u, await first.Broker.AmqpChannel.ConsumerCountAsync("voice-worker.call-started", Token));
        var audit = await first.Broker.BindAsync(Exchanges.VoiceAudit);

        await PublishAsync(first.Broker);
        var events = await BrokerClient.TakeAsync(audit, Calls);
        var lastWords = await first.Broker.AskAsync(Exchanges.CallStarted, Wire.Call("CA-last", 1));
        var last = (await BrokerClient.TakeAsync(audit, 1))[0];

        // Nothing came between the last of the ten thousand and the event of the call after them.
        Assert.Equal(("CA-last", "CA-last"), (lastWords.Field("callId"), last.Field("callId")));
        Assert.Equal(Calls, events.Select(e => e.Field("callId")).Distinct().Count());
        Assert.Equal(Calls, events.Select(e => e.Properties.MessageId).Distinct().Count());
        var streams = events.GroupBy(e => e.Field("stream")).ToList();
        Assert.Equal(Businesses, streams.Count);
        Assert.All(streams, stream => Assert.Equal(
            Enumerable.Range(1, Calls / Businesses), stream.Select(e => int.Parse(e.Field("sequence"), System.Globalization.CultureInfo.InvariantCulture))));
        Assert.Equal(Calls + 1, await first.Database.ScalarAsync<long>("SELECT count(*) FROM voice.call_voice"));
    }

    private static async Task PublishAsync(BrokerClient broker)
    {
        foreach (var page in Enumerable.Range(0, Calls).Chunk(500))
            await Task.WhenAll(page.Select(n => broker.PublishAsync(Exchanges.CallStarted, Wire.Call($"CA-{n}", 1 + (n % Businesses)))));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
