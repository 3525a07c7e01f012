using System.Globalization;
using System.Text;
using RabbitMQ.Client;
using VoiceWorker.Contracts;
using Xunit;

namespace VoiceWorker.Tests.Integration.Bus;

/// <summary>Replies to callers that are gone, full or wrong: their calls count, and nobody else's suffer.</summary>
public sealed class ReplyTests(WorkerFixture worker) : IClassFixture<WorkerFixture>
{
    [Theory]
    [InlineData("rabbitmq://127.0.0.1/reply-elsewhere")]
    [InlineData("rabbitmq://127.0.0.1/nobody-there?temporary=true")]
    [InlineData("http://127.0.0.1/reply")]
    [InlineData("not an address")]
    public async Task A_response_address_that_leads_nowhere_hurts_nobody(string responseAddress)
    {
        var businessId = worker.NextBusiness();
        await worker.Broker.AmqpChannel.ExchangeDeclareAsync(
            "reply-elsewhere", ExchangeType.Direct, autoDelete: false, cancellationToken: TestContext.Current.CancellationToken);
        var envelope = $$"""
            {"responseAddress":"{{responseAddress}}","requestId":"{{Guid.NewGuid()}}",
             "message":{{Wire.Call($"CA-{businessId}", businessId)}}}
            """;

        await worker.Broker.PublishAsync(
            Exchanges.CallStarted, Encoding.UTF8.GetBytes(envelope), new BasicProperties { ContentType = "application/vnd.masstransit+json" });
        var recorded = await worker.Audit.OfBusinessAsync(businessId, 1);
        var neighbour = await worker.Broker.AskAsync(Exchanges.CallStarted, Wire.Call($"CA-{businessId}-next", businessId));

        Assert.Equal($"CA-{businessId}", recorded[0].Field("callId"));
        Assert.Equal($"CA-{businessId}-next", neighbour.Field("callId"));
        Assert.DoesNotContain(worker.Worker.Process.Output, line => line.Contains("PRECONDITION_FAILED", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_reply_queue_that_is_full_sends_no_call_to_the_error_queue()
    {
        var businessId = worker.NextBusiness();
        var full = (await worker.Broker.AmqpChannel.QueueDeclareAsync(
            "", durable: false, exclusive: true, autoDelete: true,
            new Dictionary<string, object?> { ["x-max-length"] = 1, ["x-overflow"] = "reject-publish" },
            cancellationToken: TestContext.Current.CancellationToken)).QueueName;

        for (var n = 0; n < 5; n++)
            await worker.Broker.PublishAsync(Exchanges.CallStarted, Wire.Call($"CA-{businessId}-{n}", businessId), full);
        await worker.Audit.OfBusinessAsync(businessId, 5);
        await worker.Broker.AskAsync(Exchanges.CallStarted, Wire.Call($"CA-{businessId}-last", businessId));

        Assert.DoesNotContain(worker.Worker.Process.Output, line => line.Contains("VoiceWorker.Bus.FaultLog", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("2000-01-01T00:00:00Z", false)]
    [InlineData("2999-01-01T00:00:00Z", true)]
    [InlineData("soon", true)]
    public async Task An_envelope_is_answered_until_its_expiration_time(string expirationTime, bool isAnswered)
    {
        var businessId = worker.NextBusiness();
        var envelope = $$"""
            {"expirationTime":"{{expirationTime}}","message":{{Wire.Call($"CA-{businessId}", businessId)}}}
            """;
        var properties = new BasicProperties { ContentType = "application/vnd.masstransit+json", ReplyTo = BrokerClient.DirectReply };

        await worker.Broker.PublishAsync(Exchanges.CallStarted, Encoding.UTF8.GetBytes(envelope), properties);
        await worker.Audit.OfBusinessAsync(businessId, 1);
        await worker.Broker.PublishAsync(
            Exchanges.CallStarted, Wire.Call($"CA-{businessId}-next", businessId), BrokerClient.DirectReply);
        var first = await worker.Broker.NextReplyAsync();

        Assert.Equal(isAnswered ? $"CA-{businessId}" : $"CA-{businessId}-next", first.Field("callId"));
        if (isAnswered)
            await worker.Broker.NextReplyAsync();
    }

    [Fact]
    public async Task A_reply_expires_with_its_callers_patience()
    {
        var businessId = worker.NextBusiness();
        var queue = (await worker.Broker.AmqpChannel.QueueDeclareAsync(cancellationToken: TestContext.Current.CancellationToken)).QueueName;

        await worker.Broker.PublishAsync(
            Exchanges.CallStarted, Encoding.UTF8.GetBytes(Wire.Call($"CA-{businessId}", businessId)),
            new BasicProperties { ReplyTo = queue, Expiration = "60000" });
        var reply = await worker.Broker.NextOfAsync(queue);

        Assert.InRange(int.Parse(reply.Properties.Expiration!, CultureInfo.InvariantCulture), 1, 60_000);
    }
}
