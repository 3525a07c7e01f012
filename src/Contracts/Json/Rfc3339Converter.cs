using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace VoiceWorker.Contracts.Json;

/// <summary>
/// Reads an RFC 3339 instant (date, time and offset are required) and writes it as UTC with microseconds, the
/// precision of PostgreSQL: what is read back from the database equals what was received.
/// </summary>
public sealed class Rfc3339Converter : JsonConverter<DateTimeOffset>
{
    // "2026-01-01T00:00:00Z"
    private const int ShortestInstant = 20;

    // 42 characters, each as \u0000.
    private const int LongestEscaped = 252;

    /// <inheritdoc />
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return default;
        if (reader.TokenType != JsonTokenType.String || !HasTimeAndOffset(ref reader)
            || !reader.TryGetDateTimeOffset(out var instant))
            throw new JsonException();
        return TruncateToMicroseconds(instant.ToUniversalTime());
    }

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
    {
        Span<char> text = stackalloc char[27];
        value.UtcDateTime.TryFormat(text, out var length, "yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);
        writer.WriteStringValue(text[..length]);
    }

    /// <inheritdoc />
    public override bool HandleNull => true;

    /// <summary>Drops what PostgreSQL cannot keep.</summary>
    /// <param name="instant">Any instant.</param>
    public static DateTimeOffset TruncateToMicroseconds(DateTimeOffset instant) =>
        instant.AddTicks(-(instant.Ticks % TimeSpan.TicksPerMicrosecond));

    // Unescaped first: many encoders write the plus sign as \u002B.
    private static bool HasTimeAndOffset(ref Utf8JsonReader reader)
    {
        if (reader.ValueSpan.Length > LongestEscaped)
            return false;
        Span<byte> text = stackalloc byte[LongestEscaped];
        text = text[..reader.CopyString(text)];
        return text.Length >= ShortestInstant && text[10] == 'T' && text[16] == ':'
            && (text[^1] == 'Z' || text[^6] is (byte)'+' or (byte)'-')
            && (text[19] != '.' || (text.Length > 20 && char.IsAsciiDigit((char)text[20])));
    }
}
