using System.Text.Json.Nodes;

namespace VoiceWorker.Demo.Traffic;

/// <summary>An audit event as a consumer in any language sees it.</summary>
/// <param name="Type">The AMQP property type.</param>
/// <param name="Json">The body.</param>
internal sealed record AuditEvent(string Type, JsonObject Json)
{
    private static readonly HashSet<string> NotShown =
        ["eventId", "stream", "sequence", "occurredAt", "businessId", "startedAt", "changedAt"];

    public string Stream => Field("stream");

    public long Sequence => (long)Json["sequence"]!;

    public string Id => Field("eventId");

    /// <summary>A field as text; empty when it is absent or null.</summary>
    public string Field(string name) => Json[name]?.ToString() ?? "";

    /// <summary>Stream, sequence, type and the main ones of its own fields, aligned.</summary>
    public override string ToString() => $"{Stream,-15}#{Sequence,-3} {Type,-28}" + string.Join(
        "  ", Json.Where(field => !NotShown.Contains(field.Key)).Select(field => $"{field.Key}={Show(field.Value)}"));

    private static string Show(JsonNode? value) => value switch
    {
        null => "null",
        JsonArray many => string.Join('+', many),
        _ when value.ToString() is { Length: 0 } => "''",
        _ => value.ToString(),
    };
}
