using System.Diagnostics;
using MassTransit;

namespace VoiceWorker.Observability;

/// <summary>The W3C trace context that a message came with.</summary>
internal static class TraceParent
{
    public const string Header = "traceparent";

    // MassTransit's own name for the same.
    private const string MassTransitHeader = "MT-Activity-Id";

    /// <summary>Of the delivery's span, else of its producer; null when there is neither.</summary>
    public static string? Of(ConsumeContext context) => Activity.Current?.Id ?? OfProducer(context);

    /// <summary>As AMQP header or, from MassTransit, in the envelope; null when there is none that can be read.</summary>
    public static string? OfProducer(ConsumeContext context) =>
        Find(context.ReceiveContext.TransportHeaders) ?? Find(context.Headers);

    private static string? Find(Headers headers) => Read(headers, Header) ?? Read(headers, MassTransitHeader);

    private static string? Read(Headers headers, string name) =>
        headers.TryGetHeader(name, out var value) && value?.ToString() is { } text
        && ActivityContext.TryParse(text, null, out _) ? text : null;
}
