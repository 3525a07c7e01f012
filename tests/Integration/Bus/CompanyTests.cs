using System.Text;
using RabbitMQ.Client;
using VoiceWorker.Contracts;
using Xunit;

namespace VoiceWorker.Tests.Integration.Bus;

/// <summary>A good call is answered whatever stands beside it: in its properties, its headers, its envelope.</summary>
[Collection(WorkerFixture.Shared)]
public sealed class CompanyTests(WorkerFixture worker)
{
    // Of no other test.
    private const int Unknown = 1_000_000;
    private const string Urn = "\"urn:message:X\"";
    private const string Enveloped = "application/vnd.masstransit+json";

    private static readonly string[] Fields =
    [
        "conversationId", "correlationId", "destinationAddress", "expirationTime", "faultAddress", "headers", "host",
        "initiatorId", "messageId", "messageType", "requestId", "responseAddress", "sentTime", "sourceAddress",
        "unknown",
    ];

    private static readonly string[] Values =
    [
        "null", "true", "7", "-1e400", "\"\"", "\"garbage\"", Urn, "[]", "[1,[null,{\"a\":\"b\"}]]", "{}",
        "{\"a\":{\"b\":[1,{\"c\":null}]},\"\":1.5}", "\"9999-12-31T23:59:59.9999999Z\"",
        "\"2999-01-01T00:00:00+14:00\"", "\"\\u0000\"", "\"\\ud83d\\ude00\"",
    ];

    [Fact]
    public async Task A_good_call_is_answered_whatever_its_properties_are()
    {
        foreach (var (name, properties) in PoisonProperties.Sets().Concat(More()))
        {
            properties.ReplyTo = BrokerClient.DirectReply;
            await AssertAnsweredAsync(name, call => call, properties);
        }
    }

    [Fact]
    public async Task A_good_call_is_answered_whatever_its_envelope_says()
    {
        foreach (var field in Fields)
        {
            // An address that is one is where the answer goes.
            var isAddress = field.EndsWith("Address", StringComparison.Ordinal);
            foreach (var value in Values.Where(value => !isAddress || value != Urn))
            {
                await AssertAnsweredAsync(
                    $"{field} {value}", call => $$"""{"{{field}}":{{value}},"message":{{call}}}""",
                    new BasicProperties { ContentType = Enveloped, ReplyTo = BrokerClient.DirectReply });
            }
        }
    }

    private async Task AssertAnsweredAsync(string what, Func<string, string> wrap, BasicProperties properties)
    {
        var callId = $"CA-{Guid.NewGuid():N}";
        try
        {
            await worker.Broker.PublishAsync(
                Exchanges.CallStarted, Encoding.UTF8.GetBytes(wrap(Wire.Call(callId, Unknown))), properties);
            var reply = await worker.Broker.NextReplyAsync();
            Assert.Equal((what, callId), (what, reply.Field("callId")));
            Assert.Equal((what, properties.CorrelationId), (what, reply.Properties.CorrelationId));
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"no reply: {what}");
        }
    }

    private static IEnumerable<(string Name, BasicProperties Properties)> More()
    {
        yield return ("a time beyond time", With("time", new AmqpTimestamp(long.MaxValue)));
        yield return ("a time before time", With("time", new AmqpTimestamp(long.MinValue)));
        yield return ("a decimal", With("price", 12.34m));
        yield return ("a forged death", With("x-death", new List<object?>
        {
            new Dictionary<string, object?>
            {
                ["queue"] = "voice-worker.call-started", ["reason"] = "expired", ["count"] = long.MaxValue,
                ["time"] = new AmqpTimestamp(long.MaxValue), ["exchange"] = "",
                ["routing-keys"] = new List<object?> { 7 },
            },
        }));
        yield return ("a death of another type", With("x-death", "yesterday"));
        yield return ("a forged delivery count", With("x-delivery-count", "many"));
        yield return ("a forged first death", With("x-first-death-reason", 7));
        yield return ("names of MassTransit", With("MT-Activity-Id", new Dictionary<string, object?> { ["a"] = 1 }));
        yield return ("a trace of another type", With("traceparent", 7));
        yield return ("a trace of bytes", With("traceparent", new byte[] { 255, 0 }));
        yield return ("a content type of another case", new BasicProperties { ContentType = "APPLICATION/JSON" });
        yield return ("the longest expiration", new BasicProperties { Expiration = "4294967295" });
        yield return ("deep tables", With("deep", Nested(30)));
        yield return ("a routing of its own", With("CC", new List<object?> { "elsewhere" }));
        yield return ("binaries", With("bytes", new BinaryTableValue([1, 2, 3])));
        yield return ("small numbers", With("small", (short)-1));
        yield return ("bytes", With("small", (byte)200));
    }

    private static object Nested(int depth) =>
        depth == 0 ? "here" : new Dictionary<string, object?> { ["in"] = Nested(depth - 1) };

    private static BasicProperties With(string header, object value) =>
        new() { CorrelationId = "c", Headers = new Dictionary<string, object?> { [header] = value } };
}
