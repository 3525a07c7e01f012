using RabbitMQ.Client;
using VoiceWorker.Contracts;
using Xunit;

namespace VoiceWorker.Tests.Integration.Bus;

/// <summary>A message that keeps its contract and that the database rejects is refused like one that breaks
/// it.</summary>
public sealed class UnrecordedMessageTests(TestServers servers)
{
    [Fact]
    public async Task Whoever_waits_is_told_what_rejects_the_row()
    {
        await using var worker = await RunningWorker.StartAsync(servers);
        await worker.Database.ExecuteAsync("""
            ALTER TABLE voice.call_voice ADD CONSTRAINT not_seven CHECK (business_id <> 7) NOT VALID;
            ALTER TABLE business ADD CONSTRAINT eight_is_silent CHECK (id <> 8) NOT VALID;
            """);

        var call = await worker.Broker.AskAsync(Exchanges.CallStarted, Wire.Call("CA-7", 7));
        var change = await worker.Broker.AskAsync(Exchanges.BusinessVoiceChanged,
            """{"businessId":8,"voiceId":"sage","changedAt":"2026-01-31T09:30:00Z","changedBy":"a@b.example"}""");
        var neighbour = await worker.Broker.AskAsync(Exchanges.CallStarted, Wire.Call("CA-9", 9));

        Assert.Equal(("CallRefused", "CA-7"), (call.Properties.Type, call.Field("callId")));
        AssertRejected(call, "SQLSTATE 23514, table call_voice, constraint not_seven");
        Assert.Equal(("ChangeRefused", 8), (change.Properties.Type, (int)change.Json["businessId"]!));
        AssertRejected(change, "SQLSTATE 23514, table business, constraint eight_is_silent");
        Assert.Equal("CallVoice", neighbour.Properties.Type);
    }

    [FullRun]
    [Fact]
    public async Task Whoever_was_answered_at_the_deadline_is_not_refused_afterwards()
    {
        await using var world = await FrozenDatabase.CreateAsync(servers, "--Replies:Deadline=00:00:00.250");
        var (worker, error) = (world.Worker, "voice-worker.call-started_error");
        await worker.Database.ExecuteAsync(
            "ALTER TABLE voice.call_voice ADD CONSTRAINT not_seven CHECK (business_id <> 7)");
        var frozen = world.Freeze();

        var answer = await worker.Broker.AskAsync(Exchanges.CallStarted, Wire.Call("CA-7", 7));
        frozen.Release();
        var dead = await worker.Broker.NextOfAsync(error);
        // By the way that a refusal takes, after the move that a refusal would precede.
        await worker.Broker.PublishAsync(
            Exchanges.CallStarted, "{}"u8.ToArray(), new BasicProperties { ReplyTo = BrokerClient.DirectReply });
        var next = await worker.Broker.NextReplyAsync();

        Assert.Equal("databaseUnavailable", answer.Field("reason"));
        Assert.StartsWith("SQLSTATE 23514", dead.Header("MT-Fault-Message"), StringComparison.Ordinal);
        Assert.Equal(("CallRefused", "invalidMessage"), (next.Properties.Type, next.Field("error")));
    }

    private static void AssertRejected(Delivery refused, string rule)
    {
        Assert.Equal("notRecorded", refused.Field("error"));
        var broken = Assert.Single(refused.Json["broken"]!.AsArray())!;
        Assert.Equal(("", rule), ((string?)broken["field"], (string?)broken["rule"]));
    }
}
