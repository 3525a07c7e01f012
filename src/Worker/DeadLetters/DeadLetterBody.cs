using System.Text.Json;
using System.Text.Json.Nodes;
using VoiceWorker.Bus;
using VoiceWorker.Contracts.Json;
using VoiceWorker.Contracts.Validation;
using VoiceWorker.Servers;

namespace VoiceWorker.DeadLetters;

/// <summary>The body of a dead letter as its contract has it: what breaks it, and a copy that does not.</summary>
internal sealed class DeadLetterBody
{
    private static readonly JsonDocumentOptions Lenient =
        new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    private readonly string _origin;
    private readonly JsonObject? _root;

    private DeadLetterBody(string origin, JsonObject? root) => (_origin, _root) = (origin, root);

    /// <summary>The message itself, which an envelope carries in it; null when it is no JSON object.</summary>
    public JsonObject? Message => _root?["message"] as JsonObject ?? _root;

    public IReadOnlyList<string> Fields => _origin == InputQueue.CallStarted.Name
        ? ["callId", "businessId", "startedAt"] : ["businessId", "voiceId", "changedAt", "changedBy"];

    public static DeadLetterBody Of(string origin, ReadOnlyMemory<byte> body)
    {
        if (body.Span.StartsWith("\uFEFF"u8))
            body = body["\uFEFF"u8.Length..];
        try
        {
            var root = JsonNode.Parse(body.Span, documentOptions: Lenient) as JsonObject;
            // A name that is there twice is found only when the members are looked at.
            _ = root?["message"] is JsonObject inner ? inner.Count : root?.Count;
            return new(origin, root);
        }
        catch (Exception unreadable) when (unreadable is JsonException or ArgumentException)
        {
            return new(origin, null);
        }
    }

    /// <summary>Every rule of the contract that it breaks, field by field: one that cannot be read does not hide the
    /// others.</summary>
    public IReadOnlyList<BrokenRule> Broken()
    {
        if (Message is not { } message)
            return [new BrokenRule("body", "a JSON object of the contract")];
        var json = JsonSerializer.SerializeToElement<JsonNode>(message);
        IReadOnlyList<BrokenRule> broken;
        if (_origin == InputQueue.CallStarted.Name)
            FieldReader.Read(json, ContractsJson.Default.CallStarted, out broken);
        else
            FieldReader.Read(json, ContractsJson.Default.BusinessVoiceChanged, out broken);
        return broken;
    }

    /// <summary>Gives a field another value. A number stays a number where the contract wants one.</summary>
    public void Set(string field, string value) => Message![field] =
        field == "businessId" && int.TryParse(value, out var number)
            ? JsonValue.Create(number) : JsonValue.Create(value);

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes<JsonNode?>(_root);
}
