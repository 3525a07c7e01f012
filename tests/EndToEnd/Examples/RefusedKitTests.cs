using System.Text;
using System.Text.Json.Nodes;
using RabbitMQ.Client;
using VoiceWorker.Contracts;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Examples;

/// <summary>What a worker refuses a kit tells at once, with field and rule.</summary>
public sealed class RefusedKitTests(TestServers servers)
{
    private const string Broken = "businessId: required: an integer from 1 to 2147483647";

    [Fact]
    public async Task A_refused_call_is_an_error_that_names_field_and_rule()
    {
        await using var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);
        await broker.AmqpChannel.ExchangeDeclareAsync(
            Exchanges.CallStarted, ExchangeType.Fanout, durable: true,
            cancellationToken: TestContext.Current.CancellationToken);
        var calls = await broker.BindAsync(Exchanges.CallStarted);

        foreach (var kit in await Kit.AllAsync())
        {
            await using var producer = ExampleProcess.Start(
                [.. kit.Producer, "call", "2"],
                new Dictionary<string, string> { ["AMQP_URL"] = servers.AmqpUri.ToString() });
            await RefuseAsync(broker, (await BrokerClient.TakeAsync(calls, 1))[0]);

            Assert.Equal((1, kit.Name), (await producer.EndsAsync(), kit.Name));
            Assert.Equal($"refused: {Broken}", Assert.Single(producer.Lines));
        }
    }

    // As the worker does it: to MassTransit's response address a fault, else a refusal.
    private static async Task RefuseAsync(BrokerClient broker, Delivery call)
    {
        var (queue, type, body) = (string?)call.Json["responseAddress"] is { } address
            ? (new Uri(address).Segments[^1], "Fault", Fault(call.Json))
            : (call.Properties.ReplyTo!, "CallRefused", Refusal(call.Json));
        await broker.AmqpChannel.BasicPublishAsync(
            "", queue, mandatory: false, new BasicProperties
            {
                Type = type, CorrelationId = call.Properties.CorrelationId,
                ContentType = type == "Fault" ? "application/vnd.masstransit+json" : "application/json",
            },
            Encoding.UTF8.GetBytes(body), TestContext.Current.CancellationToken);
    }

    private static string Refusal(JsonObject call) => $$"""
        {"callId":"{{call["callId"]}}","error":"invalidMessage",
         "broken":[{"field":"businessId","rule":"required: an integer from 1 to 2147483647"}]}
        """;

    private static string Fault(JsonObject envelope) => $$$"""
        {"requestId":"{{{envelope["requestId"]}}}",
         "messageType":["urn:message:MassTransit:Fault[[VoiceWorker.Contracts:CallStarted]]"],
         "message":{"exceptions":[{"exceptionType":"InvalidMessageException","message":"{{{Broken}}}"}]}}
        """;
}
