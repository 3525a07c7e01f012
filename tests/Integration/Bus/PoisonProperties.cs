using System.Text;
using System.Text.Json.Nodes;
using RabbitMQ.Client;
using VoiceWorker.Contracts;
using VoiceWorker.DeadLetters;

namespace VoiceWorker.Tests.Integration.Bus;

/// <summary>Broken calls with properties that are hard to keep.</summary>
internal static class PoisonProperties
{
    // Added by the client when it publishes.
    private const string OfTheClient = Constants.PublishSequenceNumberHeader;

    private static readonly string[] ContentTypes =
        ["", " ", "/", "application/", ";;;", "\0", "é/ü", "application/vnd.masstransit", new string('x', 255)];

    private static readonly string[] Ids = ["", "\0\u001b[2J", "\u202e", new string('x', 254), new string('é', 127)];
    private static readonly int[] Sizes = [8, 60, 120, 127];

    public static IEnumerable<Poison> All() =>
    [
        .. Sets().Select(set => new Poison(set.Name, Exchanges.CallStarted, PoisonBodies.BrokenCall, "businessId: ", set.Properties)),
        .. Addresses().Select(address => Enveloped($"fault address {address}", $"\"faultAddress\":\"{address}\"")),
        .. Addresses().Select(address => Enveloped($"response address {address}", $"\"responseAddress\":\"{address}\",\"requestId\":\"{Guid.NewGuid()}\"")),
        Enveloped("expired", "\"expirationTime\":\"2001-01-01T00:00:00Z\",\"responseAddress\":\"rabbitmq://localhost/nobody\""),
        Enveloped("headers of all kinds", "\"headers\":{\"a\":null,\"b\":[1,{\"c\":2}],\"MT-Fault-Message\":\"mine\",\"\":\"\"}"),
    ];

    /// <summary>Null when what the producer set is still there.</summary>
    public static string? DifferenceOf(BasicProperties sent, IReadOnlyBasicProperties kept)
    {
        var expected = DeadLetterJson.Properties(sent);
        expected.Remove("message_id");
        // Both would take the message away unseen, or have it refused.
        expected.Remove("expiration");
        expected.Remove("user_id");
        var found = DeadLetterJson.Properties(kept);
        foreach (var (name, value) in expected)
        {
            if (!JsonNode.DeepEquals(value, found[name]))
                return $"{name} is {found[name]} instead of {value}";
        }

        var headers = DeadLetterJson.Headers(kept.Headers);
        return DeadLetterJson.Headers(sent.Headers)
            .Where(header => header.Key != OfTheClient && !JsonNode.DeepEquals(header.Value, headers[header.Key]))
            .Select(header => $"header {header.Key} is {headers[header.Key]} instead of {header.Value}").FirstOrDefault();
    }

    /// <summary>The properties alone.</summary>
    public static IEnumerable<(string Name, BasicProperties Properties)> Sets()
    {
        yield return ("every property", new BasicProperties
        {
            ContentEncoding = "gzip", ContentType = "application/json; charset=latin-9", CorrelationId = "c", ReplyTo = "nobody", Type = "Call", AppId = "web",
            DeliveryMode = DeliveryModes.Transient, Priority = 9, Timestamp = new AmqpTimestamp(long.MaxValue), Expiration = "600000", UserId = "guest",
        });
        foreach (var (contentType, n) in ContentTypes.Select((type, n) => (type, n)))
            yield return ($"content type {n}", new BasicProperties { ContentType = contentType });
        foreach (var (id, n) in Ids.Select((id, n) => (id, n)))
            yield return ($"ids {n}", new BasicProperties { MessageId = $"{n}{id}", CorrelationId = id, Type = id, ReplyTo = id, AppId = id });
        yield return ("headers of all types", new BasicProperties { Headers = EveryType() });
        foreach (var size in Sizes)
            yield return ($"{size} KB of headers", new BasicProperties { Headers = new Dictionary<string, object?> { ["large"] = new string('h', size * 1024) } });
        yield return ("2000 headers", new BasicProperties { Headers = Enumerable.Range(0, 2_000).ToDictionary(n => $"header-{n}", n => (object?)n) });
        yield return ("MassTransit's names", new BasicProperties { Headers = MassTransitNames() });
    }

    private static Dictionary<string, object?> EveryType() => new()
    {
        ["null"] = null, ["bool"] = true, ["int"] = 7, ["long"] = long.MinValue, ["double"] = 0.5, ["time"] = new AmqpTimestamp(1),
        ["bytes"] = new byte[] { 0, 255, 10 }, ["empty"] = "", [""] = "no name", ["list"] = new List<object?> { 1, "x", null },
        ["table"] = new Dictionary<string, object?> { ["deep"] = new Dictionary<string, object?> { ["er"] = "1" } }, ["line\n\u001b[31m"] = "\u001b[2J\0",
    };

    private static Dictionary<string, object?> MassTransitNames() => new()
    {
        ["MessageId"] = "not a guid", ["RequestId"] = 7, ["ConversationId"] = new byte[] { 255 }, ["MT-Fault-Address"] = "nowhere",
        ["MT-Redelivery-Count"] = "many", ["traceparent"] = "00-zz", ["Content-Type"] = "text/plain", ["MT-Request-TimeToLive"] = "never",
    };

    /// <summary>To which nothing can be sent, or nothing should.</summary>
    public static string[] Addresses() =>
    [
        "http://example.com/", "mailto:x", "rabbitmq://elsewhere/queue", "rabbitmq://localhost/amq.direct", "rabbitmq://localhost/amq.topic?temporary=true",
        "rabbitmq://localhost/", "queue:", "queue:nobody", "exchange:amq.headers", "topic:x", "loopback://localhost/x", "file:///etc/passwd",
        "rabbitmq://localhost/a%00b", "rabbitmq://localhost/vhost-that-is-not/x", "rabbitmq://localhost/call-started?type=direct",
    ];

    private static Poison Enveloped(string name, string field) => new(
        name, Exchanges.CallStarted, Encoding.UTF8.GetBytes($$"""{{{field}},"message":{{Encoding.UTF8.GetString(PoisonBodies.BrokenCall)}}}"""),
        "businessId: ", new BasicProperties { ContentType = "application/vnd.masstransit+json" });
}
