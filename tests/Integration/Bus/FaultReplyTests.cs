using System.Text;
using System.Text.Json.Nodes;
using MassTransit;
using RabbitMQ.Client;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Tests.Integration.DeadLetters;
using Xunit;

namespace VoiceWorker.Tests.Integration.Bus;

/// <summary>Whoever waits for an answer is told that there will be none, and an address can hurt nobody else.</summary>
public sealed class FaultReplyTests(WorkerFixture worker, TestServers servers) : IClassFixture<WorkerFixture>
{
    [Fact]
    public async Task A_MassTransit_request_that_breaks_its_contract_is_told_which_field()
    {
        await using var bus = await MassTransitClient.StartAsync(servers.AmqpUri);

        var failure = await Assert.ThrowsAsync<RequestFaultException>(() => bus.AskAsync(new CallStarted("CA-1", 0, DateTimeOffset.UnixEpoch)));

        Assert.Equal("businessId: required: an integer from 1 to 2147483647", Assert.Single(failure.Fault!.Exceptions).Message);
        Assert.Equal("CA-1", Assert.IsType<Fault<CallStarted>>(failure.Fault, exactMatch: false).Message.CallId);
        var dead = await worker.Broker.NextOfAsync("voice-worker.call-started_error");
        Assert.Equal("CA-1", dead.Json["message"]!["callId"]!.ToString());
    }

    [Fact]
    public async Task A_fault_names_the_field_and_goes_to_the_queue_of_the_address()
    {
        const string queue = "fault-reply-test";
        await worker.Broker.AmqpChannel.QueueDeclareAsync(queue, exclusive: true, cancellationToken: TestContext.Current.CancellationToken);
        var envelope = $$$"""
            {"requestId":"019c1234-5678-7abc-8def-0123456789ab","responseAddress":"rabbitmq://elsewhere/{{{queue}}}?temporary=true",
             "message":{{{Encoding.UTF8.GetString(PoisonBodies.BrokenCall)}}}}
            """;

        await worker.Broker.PublishAsync(
            Exchanges.CallStarted, Encoding.UTF8.GetBytes(envelope), new BasicProperties { ContentType = "application/vnd.masstransit+json" });
        BasicGetResult? fault = null;
        await Polling.UntilAsync(
            async token => (fault = await worker.Broker.AmqpChannel.BasicGetAsync(queue, autoAck: true, token)) is not null,
            Waits.Longest, TestContext.Current.CancellationToken);

        var json = JsonNode.Parse(fault!.Body.Span)!;
        Assert.Equal("019c1234-5678-7abc-8def-0123456789ab", (string?)json["requestId"]);
        Assert.Equal("businessId: required: an integer from 1 to 2147483647", (string?)json["message"]!["exceptions"]![0]!["message"]);
        await DeadLetterVerbs.TakeAsync(worker.Broker, "voice-worker.call-started_error", 1);
    }

    [Fact]
    public async Task A_call_whose_answer_cannot_be_sent_anywhere_counts_like_any_other()
    {
        var businessId = worker.NextBusiness();
        var addresses = PoisonProperties.Addresses().Append($"queue:{new string('q', 300)}").ToList();

        foreach (var (address, n) in addresses.Select((address, n) => (address, n)))
        {
            var envelope = $$"""{"responseAddress":"{{address}}","message":{{Wire.Call($"CA-{businessId}-{n}", businessId)}}}""";
            await worker.Broker.PublishAsync(
                Exchanges.CallStarted, Encoding.UTF8.GetBytes(envelope), new BasicProperties { ContentType = "application/vnd.masstransit+json" });
        }

        await worker.Audit.OfBusinessAsync(businessId, addresses.Count);
        await DeadLetterVerbs.AssertCountAsync(worker.Broker, "voice-worker.call-started_error", 0);
    }
}
