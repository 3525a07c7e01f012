using System.Text;
using RabbitMQ.Client;
using VoiceWorker.Contracts;
using Xunit;

namespace VoiceWorker.Tests.Integration.Calls;

[Collection(WorkerFixture.Shared)]
public sealed class CallStartedTests(WorkerFixture worker)
{
    [Theory]
    [InlineData(" Coral", "coral", "business", "businessVoice", "")]
    [InlineData("ash", "ash", "business", "businessVoice", "")]
    [InlineData("  ", "ash", "default", "noVoice", "  ")]
    [InlineData("", "ash", "default", "noVoice", "")]
    [InlineData("hal9000", "ash", "default", "unsupportedVoice", "hal9000")]
    public async Task A_call_gets_the_voice_of_its_business_or_the_default_with_the_reason(
        string stored, string voiceId, string source, string reason, string storedVoiceId)
    {
        var businessId = await worker.NextBusinessAsync(stored);

        var reply = await worker.Broker.AskAsync(Exchanges.CallStarted, Wire.Call($"CA-{businessId}", businessId), "my-id");

        Assert.Equal("my-id", reply.Properties.CorrelationId);
        Assert.Equal(
            $$"""{"callId":"CA-{{businessId}}","businessId":{{businessId}},"voiceId":"{{voiceId}}","source":"{{source}}","reason":"{{reason}}"}""",
            reply.Body);
        var recorded = (await worker.Audit.OfBusinessAsync(businessId, 1))[0];
        Assert.Equal(
            (voiceId, source, reason, storedVoiceId),
            (recorded.Field("voiceId"), recorded.Field("source"), recorded.Field("reason"), recorded.Field("storedVoiceId")));
    }

    [Fact]
    public async Task A_call_of_an_unknown_business_gets_the_default()
    {
        var reply = await worker.Broker.AskAsync(Exchanges.CallStarted, Wire.Call("CA-unknown", 4711));

        Assert.Equal(("ash", "default", "unknownBusiness"), (reply.Field("voiceId"), reply.Field("source"), reply.Field("reason")));
        Assert.Equal("unknownBusiness", (await worker.Audit.OfBusinessAsync(4711, 1))[0].Field("reason"));
    }

    [Fact]
    public async Task A_stored_NULL_is_answered_with_the_default()
    {
        var businessId = worker.NextBusiness();
        await worker.Database.ExecuteAsync(
            $"ALTER TABLE business ALTER COLUMN voice_id DROP NOT NULL; UPDATE business SET voice_id = NULL WHERE id = {businessId}");

        var reply = await worker.Broker.AskAsync(Exchanges.CallStarted, Wire.Call("CA-null", businessId));

        Assert.Equal(("ash", "noVoice"), (reply.Field("voiceId"), reply.Field("reason")));
    }

    [Fact]
    public async Task A_call_delivered_five_times_is_recorded_once_and_answered_equally()
    {
        var businessId = await worker.NextBusinessAsync("echo");

        var replies = new List<string>();
        for (var i = 0; i < 4; i++)
            await worker.Broker.PublishAsync(Exchanges.CallStarted, Wire.Call("CA-five", businessId), BrokerClient.DirectReply);
        for (var i = 0; i < 4; i++)
            replies.Add((await worker.Broker.NextReplyAsync()).Body);
        // The voice changes before the fifth delivery: a repeat is answered with what was decided first.
        await worker.Database.ExecuteAsync($"UPDATE business SET voice_id = 'nova' WHERE id = {businessId}");
        replies.Add((await worker.Broker.AskAsync(Exchanges.CallStarted, Wire.Call("CA-five", businessId))).Body);
        // A later call of the same business closes the list: its event comes after all of them.
        await worker.Broker.AskAsync(Exchanges.CallStarted, Wire.Call("CA-last", businessId));

        Assert.Equal(5, replies.Count);
        Assert.Single(replies.Distinct());
        var events = await worker.Audit.OfBusinessAsync(businessId, 2);
        Assert.Equal([("CA-five", "1"), ("CA-last", "2")], events.Select(e => (e.Field("callId"), e.Field("sequence"))));
        Assert.Equal(1, await worker.Database.ScalarAsync<long>("SELECT count(*) FROM voice.call_voice WHERE call_id = 'CA-five'"));
    }

    [Fact]
    public async Task An_audit_event_carries_all_that_its_consumers_are_promised()
    {
        const string traceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        var businessId = worker.NextBusiness();

        await worker.Broker.PublishAsync(Exchanges.CallStarted, Encoding.UTF8.GetBytes(Wire.Call("CA-traced", businessId)),
            new BasicProperties { Headers = new Dictionary<string, object?> { ["traceparent"] = traceParent } });
        var recorded = (await worker.Audit.OfBusinessAsync(businessId, 1))[0];

        Assert.Equal("application/json", recorded.Properties.ContentType);
        Assert.Equal("voice-worker", recorded.Properties.AppId);
        Assert.Equal("CallVoiceResolved", recorded.Properties.Type);
        Assert.Equal(DeliveryModes.Persistent, recorded.Properties.DeliveryMode);
        Assert.True(recorded.Properties.Timestamp.UnixTime > 0);
        Assert.Equal("urn:message:VoiceWorker.Contracts:CallVoiceResolved", recorded.Header("MT-MessageType"));
        Assert.Equal(
            ("1.0", "/voice-worker", "voice-worker.CallVoiceResolved"),
            (recorded.Header("cloudEvents:specversion"), recorded.Header("cloudEvents:source"), recorded.Header("cloudEvents:type")));
        Assert.Equal(
            (recorded.Field("eventId"), recorded.Field("occurredAt"), recorded.Field("stream")),
            (recorded.Header("cloudEvents:id"), recorded.Header("cloudEvents:time"), recorded.Header("cloudEvents:subject")));
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", recorded.Header("traceparent").Split('-')[1]);
        Assert.Equal(recorded.Properties.MessageId, recorded.Field("eventId"));
        Assert.Equal('7', recorded.Field("eventId")[14]);
        Assert.Equal(($"business-{businessId}", "1"), (recorded.Field("stream"), recorded.Field("sequence")));
    }
}
