using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace VoiceWorker.Example;

/// <summary>Whether an event follows on the one before in its stream: docs/messages.md, "The chain of hashes".</summary>
public static class Chain
{
    private static readonly string[] NotHashed = ["type", "eventId", "stream", "sequence", "hash"];

    /// <param name="json">The event, with its AMQP type as type.</param>
    /// <param name="previous">Sequence and hash of the event that the consumer has got before, if any.</param>
    public static bool Follows(JsonElement json, (long Sequence, string? Hash) previous)
    {
        var sequence = json.GetProperty("sequence").GetInt64();
        if (HashIn(json) is not { } hash || TextIn(json, "type") is not { } type || type == "HistoryLost")
            return true;
        // Behind a gap there is nothing to compare with.
        return previous.Sequence != sequence - 1 || hash == Of(json, previous.Hash);
    }

    /// <summary>Absent from an event that was recorded by a version without hashes.</summary>
    public static string? HashIn(JsonElement json) => TextIn(json, "hash");

    private static string Of(JsonElement json, string? before)
    {
        var own = json.EnumerateObject().Where(field => !NotHashed.Contains(field.Name));
        string?[] texts =
        [
            TextIn(json, "eventId"), TextIn(json, "stream"), json.GetProperty("sequence").GetRawText(),
            TextIn(json, "type"), TextIn(json, "occurredAt"), Canonical(own),
        ];
        var bytes = Convert.FromHexString(before ?? new string('0', 64)).Concat(Encoding.UTF8.GetBytes(string.Join('\n', texts)));
        return Convert.ToHexStringLower(SHA256.HashData([.. bytes]));
    }

    private static string Canonical(IEnumerable<JsonProperty> fields) => "{" + string.Join(", ", fields
        .OrderBy(field => Encoding.UTF8.GetByteCount(field.Name)).ThenBy(field => field.Name, StringComparer.Ordinal)
        .Select(field => $"{Quoted(field.Name)}: {Canonical(field.Value)}")) + "}";

    private static string Canonical(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => Canonical(value.EnumerateObject()),
        JsonValueKind.Array => $"[{string.Join(", ", value.EnumerateArray().Select(Canonical))}]",
        JsonValueKind.String => Quoted(value.GetString()!),
        _ => value.GetRawText(),
    };

    private static string Quoted(string text) => $"\"{string.Concat(text.Select(Escaped))}\"";

    private static string Escaped(char character) => character switch
    {
        '"' => "\\\"", '\\' => "\\\\", '\b' => "\\b", '\t' => "\\t", '\n' => "\\n", '\f' => "\\f", '\r' => "\\r",
        < ' ' => $"\\u{(int)character:x4}",
        _ => character.ToString(),
    };

    private static string? TextIn(JsonElement json, string name) =>
        json.TryGetProperty(name, out var text) ? text.GetString() : null;
}
