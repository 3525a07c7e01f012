using System.Globalization;
using System.Text.Json.Nodes;
using RabbitMQ.Client;

namespace VoiceWorker.Tests.EndToEnd.Clients.Conformance;

/// <summary>What a step expects of a driver's answer.</summary>
internal static class Expectation
{
    /// <summary>Whether an answer has these fields.</summary>
    public static bool Holds(JsonObject expected, JsonObject answer) =>
        expected.All(field => JsonNode.DeepEquals(answer[field.Key], field.Value) || IsSameInstant(answer[field.Key], field.Value));

    /// <summary>It gives what is expected, or raises it.</summary>
    public static void Assert(JsonObject step, JsonObject answer)
    {
        if (step["gives"] is JsonObject gives)
        {
            Xunit.Assert.True(Holds(gives, answer), answer.ToJsonString());
            return;
        }

        var error = (string)step["raises"]!;
        Xunit.Assert.True((string?)answer["error"] == error, answer.ToJsonString());
        if (error == "contract")
            AssertBroken(step, answer);
        else if (step["changedAt"] is { } at)
            Xunit.Assert.True(IsSameInstant(answer["changedAt"], at), answer.ToJsonString());
    }

    /// <summary>It is a message as producers send it, with an address for its answer.</summary>
    public static void AssertMessage(Delivery message, bool expires)
    {
        var properties = message.Properties;
        Xunit.Assert.Equal("application/json", properties.ContentType);
        Xunit.Assert.Equal(DeliveryModes.Persistent, properties.DeliveryMode);
        Xunit.Assert.StartsWith(BrokerClient.DirectReply, properties.ReplyTo, StringComparison.Ordinal);
        Xunit.Assert.False(string.IsNullOrEmpty(properties.CorrelationId));
        if (expires)
            Xunit.Assert.InRange(int.Parse(properties.Expiration!, CultureInfo.InvariantCulture), 1, 20_000);
        else
            Xunit.Assert.Null(properties.Expiration);
    }

    // With as many digits as the language writes.
    private static bool IsSameInstant(JsonNode? one, JsonNode? other) =>
        one is JsonValue && other is JsonValue && one.AsValue().TryGetValue<DateTimeOffset>(out var first)
        && other.AsValue().TryGetValue<DateTimeOffset>(out var second) && first == second;

    private static void AssertBroken(JsonObject step, JsonObject answer)
    {
        var broken = answer["broken"]!.AsArray();
        Xunit.Assert.Equal(step["fields"]!.AsArray().Select(field => (string?)field), broken.Select(one => (string?)one!["field"]));
        Xunit.Assert.All(broken, one => Xunit.Assert.False(string.IsNullOrWhiteSpace((string?)one!["rule"])));
        Xunit.Assert.Equal((string?)step["kind"] ?? "invalidMessage", (string?)answer["kind"]);
    }
}
