using System.Text;
using RabbitMQ.Client;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.Integration.Calls;

/// <summary>What callers are told while the database stands still, and what is recorded afterwards.</summary>
public sealed class ReplyDeadlineTests(TestServers servers)
{
    private const int Calls = 200;

    [FullRun]
    [Fact]
    public async Task Callers_get_the_default_voice_and_the_same_is_recorded_when_the_database_is_back()
    {
        await using var world = await FrozenDatabase.CreateAsync(servers, "--Replies:Deadline=00:00:00.250");
        var worker = world.Worker;
        await worker.Database.ExecuteAsync("UPDATE business SET voice_id = 'coral'");
        var audit = await worker.Broker.BindAsync(Exchanges.VoiceAudit);
        Assert.Equal("SchemaMigrated", (await BrokerClient.TakeAsync(audit, 1))[0].Properties.Type);
        var frozen = world.Freeze();

        for (var n = 1; n <= Calls; n++)
            await worker.Broker.PublishAsync(Exchanges.CallStarted, Wire.Call($"CA-{n}", 1 + (n % 100)), BrokerClient.DirectReply);
        var replies = new List<Delivery>();
        while (replies.Count < Calls)
            replies.Add(await worker.Broker.NextReplyAsync());
        frozen.Release();
        var events = await BrokerClient.TakeAsync(audit, Calls);
        var next = await worker.Broker.AskAsync(Exchanges.CallStarted, Wire.Call("CA-next", 1));

        Assert.All(replies, reply => Assert.Equal(
            ("ash", "default", "databaseUnavailable"), (reply.Field("voiceId"), reply.Field("source"), reply.Field("reason"))));
        Assert.Equal(Calls, replies.Select(reply => reply.Field("callId")).Distinct().Count());
        Assert.Equal(Calls, events.Select(e => e.Field("callId")).Distinct().Count());
        Assert.All(events, e => Assert.Equal("databaseUnavailable", e.Field("reason")));
        Assert.Equal(Calls, await worker.Database.ScalarAsync<long>(
            "SELECT count(*) FROM voice.call_voice WHERE reason = 'databaseUnavailable' AND voice_id = 'ash'"));
        Assert.Equal("coral", next.Field("voiceId"));
    }

    [Fact]
    public async Task A_caller_that_has_stopped_waiting_gets_no_answer_and_its_call_is_recorded()
    {
        await using var world = await FrozenDatabase.CreateAsync(servers, "--Replies:Deadline=00:00:01");
        var worker = world.Worker;
        var frozen = world.Freeze();

        await PublishAsync(worker, "CA-impatient", expiration: "300");
        await PublishAsync(worker, "CA-patient", expiration: "60000");
        var first = await worker.Broker.NextReplyAsync();
        frozen.Release();
        var second = await worker.Broker.AskAsync(Exchanges.CallStarted, Wire.Call("CA-later", 1));

        Assert.Equal(("CA-patient", "databaseUnavailable"), (first.Field("callId"), first.Field("reason")));
        Assert.Equal("CA-later", second.Field("callId"));
        Assert.Equal("businessVoice", await worker.Database.ScalarAsync<string>(
            "SELECT reason FROM voice.call_voice WHERE call_id = 'CA-impatient'"));
        Assert.True(await Polling.UntilAsync(
            _ => Task.FromResult(worker.Process.Output.Any(
                line => line.Contains("the caller had stopped waiting", StringComparison.Ordinal))),
            Waits.Longest, TestContext.Current.CancellationToken));
    }

    private static Task PublishAsync(RunningWorker worker, string callId, string expiration) => worker.Broker.PublishAsync(
        Exchanges.CallStarted, Encoding.UTF8.GetBytes(Wire.Call(callId, 1)),
        new BasicProperties { ReplyTo = BrokerClient.DirectReply, Expiration = expiration });
}
