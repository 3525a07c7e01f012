using System.Collections;
using System.Globalization;
using System.Text.Json.Nodes;
using RabbitMQ.Client;
using VoiceWorker.Observability;

namespace VoiceWorker.DeadLetters;

/// <summary>A dead letter as JSON, for scripts.</summary>
internal static class DeadLetterJson
{
    /// <summary>Everything, with the body.</summary>
    public static JsonObject Full(DeadLetter letter)
    {
        var full = DeadLetterSummary.Of(letter).ToJson();
        full["origin"] = letter.Origin;
        full["broken"] = new JsonArray([.. DeadLetterBody.Of(letter.Origin, letter.Message.Body).Broken()
            .Select(rule => new JsonObject { ["field"] = rule.Field, ["rule"] = rule.Rule })]);
        full["properties"] = Properties(letter.Message.BasicProperties);
        full["headers"] = Headers(letter.Message.BasicProperties.Headers);
        if (PlainText.DecodeUtf8(letter.Message.Body.Span) is { } text)
            full["body"] = text;
        else
            full["bodyBase64"] = Convert.ToBase64String(letter.Message.Body.Span);
        return full;
    }

    /// <summary>The properties that are present, under their AMQP names.</summary>
    public static JsonObject Properties(IReadOnlyBasicProperties properties)
    {
        var present = new Dictionary<string, object?>
        {
            ["content_type"] = properties.ContentType,
            ["content_encoding"] = properties.ContentEncoding,
            ["delivery_mode"] = properties.IsDeliveryModePresent() ? (int)properties.DeliveryMode : null,
            ["priority"] = properties.IsPriorityPresent() ? properties.Priority : null,
            ["correlation_id"] = properties.CorrelationId,
            ["reply_to"] = properties.ReplyTo,
            ["expiration"] = properties.Expiration,
            ["message_id"] = properties.MessageId,
            ["timestamp"] = properties.IsTimestampPresent() ? properties.Timestamp : null,
            ["type"] = properties.Type,
            ["user_id"] = properties.UserId,
            ["app_id"] = properties.AppId,
        };
        return Headers(present.Where(property => property.Value is not null).ToDictionary());
    }

    /// <summary>Headers, nested as AMQP has them.</summary>
    public static JsonObject Headers(IEnumerable<KeyValuePair<string, object?>>? headers) =>
        new((headers ?? []).Select(header => KeyValuePair.Create(header.Key, ValueOf(header.Value))));

    private static JsonNode? ValueOf(object? value) => value switch
    {
        null => null,
        string text => JsonValue.Create(text),
        byte[] bytes => JsonValue.Create(PlainText.DecodeUtf8(bytes) ?? PlainText.Of(bytes)),
        bool flag => JsonValue.Create(flag),
        AmqpTimestamp time => JsonValue.Create(time.UnixTime),
        IEnumerable<KeyValuePair<string, object?>> table => Headers(table),
        IEnumerable list => new JsonArray([.. list.Cast<object?>().Select(ValueOf)]),
        byte or sbyte or short or ushort or int or uint or long => JsonValue.Create(
            Convert.ToInt64(value, CultureInfo.InvariantCulture)),
        _ => JsonValue.Create(Convert.ToString(value, CultureInfo.InvariantCulture)),
    };
}
