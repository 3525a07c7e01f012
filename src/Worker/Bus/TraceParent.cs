using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using MassTransit;
using VoiceWorker.Persistence;

namespace VoiceWorker.Bus;

/// <summary>The W3C trace context that a message came with.</summary>
internal static class TraceParent
{
    // MassTransit's own name for the same.
    private const string MassTransitHeader = "MT-Activity-Id";

    /// <summary>Of the delivery's span, else of its producer; null when there is neither.</summary>
    public static string? Of(ConsumeContext context) => Activity.Current?.Id ?? OfProducer(context);

    /// <summary>As AMQP header or, from MassTransit, in the envelope; null when there is none that can be
    /// read.</summary>
    public static string? OfProducer(ConsumeContext context) =>
        Find(context.ReceiveContext.TransportHeaders) ?? Find(context.Headers);

    private static string? Find(Headers headers) => Read(headers, Tracing.TraceParentHeader) ?? Read(headers, MassTransitHeader);

    private static string? Read(Headers headers, string name) =>
        headers.TryGetHeader(name, out var value) && TextOf(value) is { } text
            && ActivityContext.TryParse(text, null, out _)
            ? text : null;

    // The text of a JSON value may be no text at all: bytes that are no UTF-8, half a surrogate pair. A trace context
    // is ASCII and needs no escape, and what is none is not worth a refusal.
    private static string? TextOf(object? value)
    {
        if (value is not JsonElement json)
            return value?.ToString();
        var raw = json.ValueKind is JsonValueKind.String ? JsonMarshal.GetRawUtf8Value(json)[1..^1] : default;
        return Ascii.IsValid(raw) ? Encoding.ASCII.GetString(raw) : null;
    }
}
