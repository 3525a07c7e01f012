using System.Text.Json;

namespace VoiceWorker.DeadLetters;

/// <summary>Whom a message is about, as far as it can be read: it may be here because it cannot.</summary>
/// <param name="BusinessId">As written; null when unreadable.</param>
/// <param name="CallId">As written; null when unreadable or not part of the message.</param>
internal sealed record Glance(string? BusinessId, string? CallId)
{
    private const int Longest = 64;

    /// <summary>Reads plain JSON or a MassTransit envelope; whatever the bytes are, it does not fail.</summary>
    /// <param name="body">The message.</param>
    public static Glance At(ReadOnlyMemory<byte> body)
    {
        if (body.Span.StartsWith("\uFEFF"u8))
            body = body["\uFEFF"u8.Length..];
        try
        {
            using var document = JsonDocument.Parse(
                body, new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
            var message = MessageIn(document.RootElement);
            return new(FieldOf(message, "businessId"), FieldOf(message, "callId"));
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            return new(null, null);
        }
    }

    private static JsonElement MessageIn(JsonElement root) =>
        root.ValueKind is JsonValueKind.Object && root.TryGetProperty("message", out var inner)
        && inner.ValueKind is JsonValueKind.Object ? inner : root;

    private static string? FieldOf(JsonElement message, string name)
    {
        if (message.ValueKind is not JsonValueKind.Object || !message.TryGetProperty(name, out var value))
            return null;
        var text = value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.Number => value.GetRawText(),
            _ => "",
        };
        return text.Length is 0 ? null : text.Length > Longest ? text[..Longest] : text;
    }
}
