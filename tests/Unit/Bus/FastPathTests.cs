using System.Text;
using RabbitMQ.Client;
using VoiceWorker.Bus;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;
using VoiceWorker.Contracts.Validation;

namespace VoiceWorker.Tests.Unit.Bus;

/// <summary>What goes straight to its use case, and what is left to MassTransit.</summary>
public sealed class FastPathTests
{
    private const string Call = """{"callId":"CA1","businessId":7,"startedAt":"2026-11-27T12:00:00Z"}""";
    private const string TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private static readonly Dictionary<string, BasicProperties> Properties = new()
    {
        ["none"] = new(),
        ["plain JSON"] = new() { ContentType = "application/json" },
        ["caller"] = new() { ReplyTo = "amq.rabbitmq.reply-to", CorrelationId = "7" },
        ["trace"] = new() { Headers = new Dictionary<string, object?> { ["traceparent"] = Encoding.ASCII.GetBytes(TraceParent) } },
        ["other headers"] = new() { Headers = new Dictionary<string, object?> { ["x-dotnet-pub-seq-no"] = 7L, ["x-delivery-count"] = 0L } },
        ["no headers"] = new() { Headers = new Dictionary<string, object?>() },
        ["another content type"] = new() { ContentType = "text/plain" },
        ["envelope"] = new() { ContentType = "application/vnd.masstransit+json" },
        ["expiration"] = new() { Expiration = "1000" },
        ["response address"] = new() { Headers = new Dictionary<string, object?> { ["MT-Response-Address"] = "queue:x" } },
        ["expired"] = new()
        {
            Headers = new Dictionary<string, object?> { ["traceparent"] = TraceParent, [CallerPatience.Over] = true },
        },
    };

    [Theory]
    [InlineData("none")]
    [InlineData("plain JSON")]
    [InlineData("caller")]
    [InlineData("trace")]
    [InlineData("other headers")]
    [InlineData("no headers")]
    public void A_plain_delivery_goes_straight_to_its_use_case(string properties)
    {
        var consumer = new Recording();

        Assert.NotNull(Take(consumer, Call, Properties[properties]));

        Assert.Equal("CA1", Assert.Single(consumer.Taken).Call.CallId);
    }

    [Theory]
    [InlineData("another content type")]
    [InlineData("envelope")]
    [InlineData("expiration")]
    [InlineData("response address")]
    [InlineData("expired")]
    public void What_says_more_is_left_to_MassTransit(string properties)
    {
        var consumer = new Recording();

        Assert.Null(Take(consumer, Call, Properties[properties]));

        Assert.Empty(consumer.Taken);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("""{"callId":"CA1"}""")]
    [InlineData("""{"callId":"CA1","businessId":0,"startedAt":"2026-11-27T12:00:00Z"}""")]
    public void What_breaks_its_contract_is_left_to_MassTransit(string body)
    {
        var consumer = new Recording();

        Assert.Null(Take(consumer, body, new BasicProperties()));

        Assert.Empty(consumer.Taken);
    }

    [Fact]
    public void A_delivery_tells_its_use_case_of_the_trace_and_of_who_waits()
    {
        var consumer = new Recording();

        Take(consumer, Call, Properties["trace"]);
        Take(consumer, Call, Properties["caller"]);
        Take(consumer, Call, new BasicProperties { ReplyTo = " ", Headers = new Dictionary<string, object?> { ["traceparent"] = 7 } });

        Assert.Equal(
            [(TraceParent, null, null), (null, "amq.rabbitmq.reply-to", "7"), (null, null, null)],
            consumer.Taken.Select(one => (one.Delivery.TraceParent, one.Delivery.ReplyTo, one.Delivery.CorrelationId)));
    }

    private static Task? Take(Recording consumer, string body, IReadOnlyBasicProperties properties) =>
        new FastPath<CallStarted>(ContractsJson.Default.CallStarted, consumer, new ConsumeSpans("calls"))
            .TryTake(new FastDelivery(properties, TimeProvider.System, TestContext.Current.CancellationToken), Encoding.UTF8.GetBytes(body));

    private sealed class Recording : IFastConsumer<CallStarted>
    {
        public List<(CallStarted Call, FastDelivery Delivery)> Taken { get; } = [];

        public bool Accepts(CallStarted message) => ContractRules.Check(message).Count == 0;

        public Task ConsumeAsync(CallStarted message, FastDelivery delivery)
        {
            Taken.Add((message, delivery));
            return Task.CompletedTask;
        }
    }
}
