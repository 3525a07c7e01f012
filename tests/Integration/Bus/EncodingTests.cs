using System.Text;
using RabbitMQ.Client;
using VoiceWorker.Contracts;
using Xunit;

namespace VoiceWorker.Tests.Integration.Bus;

[Collection(WorkerFixture.Shared)]
public sealed class EncodingTests(WorkerFixture worker, TestServers servers)
{
    [Fact]
    public async Task A_MassTransit_producer_sends_events_and_its_request_client_gets_the_reply()
    {
        var businessId = await worker.NextBusinessAsync("verse");
        await using var bus = await MassTransitClient.StartAsync(servers.AmqpUri);

        var reply = await bus.AskAsync(new CallStarted("CA-mt", businessId, DateTimeOffset.UnixEpoch));
        await bus.PublishAsync(new BusinessVoiceChanged(businessId, "sage", DateTimeOffset.UnixEpoch));
        var events = await worker.Audit.OfBusinessAsync(businessId, 2);

        Assert.Equal(new CallVoice("CA-mt", businessId, "verse", VoiceSource.Business, VoiceReason.BusinessVoice), reply);
        Assert.Equal(["CallVoiceResolved", "BusinessVoiceUpdated"], events.Select(e => e.Properties.Type));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("application/json", "not-a-guid")]
    [InlineData("text/plain", "17")]
    [InlineData("application/octet-stream", null)]
    public async Task Plain_JSON_is_read_whatever_its_content_type_and_message_id(string? contentType, string? messageId)
    {
        var businessId = worker.NextBusiness();
        var properties = new BasicProperties { ReplyTo = BrokerClient.DirectReply, ContentType = contentType, MessageId = messageId };

        await worker.Broker.PublishAsync(
            Exchanges.CallStarted, Encoding.UTF8.GetBytes(Wire.Call($"CA-{businessId}", businessId)), properties);

        Assert.Equal($"CA-{businessId}", (await worker.Broker.NextReplyAsync()).Field("callId"));
    }

    [Fact]
    public async Task An_envelope_of_another_language_with_its_own_ids_and_types_is_read()
    {
        var businessId = worker.NextBusiness();
        var envelope = $$"""
            {"messageId":"17","messageType":["urn:message:Legacy:CallBegan"],"host":{"machineName":"web-1"},
             "headers":{"x":1},"message":{{Wire.Call($"CA-{businessId}", businessId)}}}
            """;
        var properties = new BasicProperties
        {
            ContentType = "application/vnd.masstransit+json", ReplyTo = BrokerClient.DirectReply, CorrelationId = "7",
        };

        await worker.Broker.PublishAsync(Exchanges.CallStarted, Encoding.UTF8.GetBytes(envelope), properties);
        var reply = await worker.Broker.NextReplyAsync();

        Assert.Equal(($"CA-{businessId}", "7"), (reply.Field("callId"), reply.Properties.CorrelationId));
    }

    [Theory]
    [InlineData("""{"callId":" x","businessId":0}""", "callId", "businessId", "startedAt")]
    [InlineData("""{"callId":"x","businessId":"secret","startedAt":"2026-01-31T09:30:00Z"}""", "businessId")]
    [InlineData("""{"callId":"x","businessId":1,"startedAt":"yesterday"}""", "startedAt")]
    [InlineData("secret", "body")]
    public async Task A_broken_message_goes_to_the_error_queue_unchanged_and_says_which_fields(string json, params string[] fields)
    {
        var businessId = worker.NextBusiness();

        await worker.Broker.PublishAsync(Exchanges.CallStarted, json);
        var neighbour = await worker.Broker.AskAsync(Exchanges.CallStarted, Wire.Call($"CA-{businessId}", businessId));
        var dead = await worker.Broker.NextOfAsync("voice-worker.call-started_error");

        Assert.Equal(json, dead.Body);
        Assert.All(fields, field => Assert.Contains($"{field}: ", dead.Header("MT-Fault-Message"), StringComparison.Ordinal));
        Assert.DoesNotContain("secret", dead.Header("MT-Fault-Message") + dead.Header("MT-Fault-StackTrace"), StringComparison.Ordinal);
        Assert.Equal($"CA-{businessId}", neighbour.Field("callId"));
        Assert.DoesNotContain(worker.Worker.Process.Output, line => line.Contains("secret", StringComparison.Ordinal));
    }
}
