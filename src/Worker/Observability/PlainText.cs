using System.Globalization;
using System.Text;
using VoiceWorker.Persistence;

namespace VoiceWorker.Observability;

/// <summary>What a producer sent, made fit for a terminal: bytes that are no text and control characters are
/// escaped.</summary>
internal static class PlainText
{
    private static readonly UTF8Encoding Strict = new(
        encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text, if the bytes are UTF-8.</summary>
    public static string? DecodeUtf8(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>UTF-8 as it is, anything else byte by byte with \xNN for what is not printable ASCII.</summary>
    public static string Of(ReadOnlySpan<byte> bytes)
    {
        if (DecodeUtf8(bytes) is { } text)
            return PeerText.Escape(text, keepLines: true);
        var escaped = new StringBuilder();
        foreach (var one in bytes)
            escaped.Append(one is >= 0x20 and < 0x7F
                ? ((char)one).ToString() : string.Create(CultureInfo.InvariantCulture, $"\\x{one:X2}"));
        return escaped.ToString();
    }
}
