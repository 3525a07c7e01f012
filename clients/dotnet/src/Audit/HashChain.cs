using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace VoiceWorker.Client.Audit;

/// <summary>Whether an event follows on the one before in its stream: docs/messages.md of the Voice Worker, "The chain
/// of hashes".</summary>
public static class HashChain
{
    private static readonly string[] NotHashed = ["eventId", "stream", "sequence", "hash"];
    private static readonly string NoHash = new('0', 64);

    /// <summary>False when the event or the one before has been altered; true when not, or when there is nothing to
    /// compare.</summary>
    /// <param name="type">The AMQP type of the event.</param>
    /// <param name="body">Its JSON.</param>
    /// <param name="before">What the consumer has had of its stream before; null if nothing.</param>
    public static bool Follows(string? type, JsonElement body, AuditProgress? before)
    {
        if (type is null or "HistoryLost" || HashIn(body) is not { } hash)
            return true;
        // Behind a gap there is nothing to compare with.
        return body.GetProperty("sequence").GetInt64() != (before?.Sequence ?? 0) + 1
            || hash == HashOf(type, body, before?.Hash);
    }

    /// <summary>The hash that an event has to have, as 64 hexadecimal digits.</summary>
    /// <param name="type">The AMQP type of the event.</param>
    /// <param name="body">Its JSON.</param>
    /// <param name="before">The hash of the event before in its stream; null when there is none.</param>
    public static string HashOf(string type, JsonElement body, string? before)
    {
        var text = new StringBuilder()
            .Append(TextIn(body, "eventId")).Append('\n').Append(TextIn(body, "stream")).Append('\n')
            .Append(body.GetProperty("sequence").GetRawText()).Append('\n').Append(type).Append('\n')
            .Append(TextIn(body, "occurredAt")).Append('\n');
        Write(text, body.EnumerateObject().Where(field => !NotHashed.Contains(field.Name)));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Convert.FromHexString(before ?? NoHash));
        hash.AppendData(Encoding.UTF8.GetBytes(text.ToString()));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Absent from an event that was recorded by a version without hashes.</summary>
    internal static string? HashIn(JsonElement body) => TextIn(body, "hash");

    // As PostgreSQL writes jsonb.
    private static void Write(StringBuilder text, IEnumerable<JsonProperty> fields)
    {
        var separator = "{";
        foreach (var (_, field) in fields.Select(field => (Encoding.UTF8.GetBytes(field.Name), field)).Order(ByName))
        {
            text.Append(separator);
            Write(text, field.Name);
            text.Append(": ");
            Write(text, field.Value);
            separator = ", ";
        }

        text.Append(separator == "{" ? "{}" : "}");
    }

    private static readonly Comparer<(byte[] Name, JsonProperty)> ByName = Comparer<(byte[] Name, JsonProperty)>.Create(
        static (one, other) => one.Name.Length == other.Name.Length
            ? one.Name.AsSpan().SequenceCompareTo(other.Name) : one.Name.Length.CompareTo(other.Name.Length));

    private static void Write(StringBuilder text, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                Write(text, value.EnumerateObject());
                break;
            case JsonValueKind.Array:
                text.Append('[');
                foreach (var (index, item) in value.EnumerateArray().Index())
                    Write(text.Append(index == 0 ? "" : ", "), item);
                text.Append(']');
                break;
            case JsonValueKind.String:
                Write(text, value.GetString()!);
                break;
            default:
                text.Append(value.GetRawText());
                break;
        }
    }

    private static void Write(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var character in value)
        {
            _ = character switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\b' => text.Append("\\b"),
                '\t' => text.Append("\\t"),
                '\n' => text.Append("\\n"),
                '\f' => text.Append("\\f"),
                '\r' => text.Append("\\r"),
                < ' ' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                _ => text.Append(character),
            };
        }

        text.Append('"');
    }

    private static string? TextIn(JsonElement body, string name) =>
        body.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;
}
