using System.Diagnostics;
using MassTransit;

namespace VoiceWorker.Observability;

/// <summary>The W3C trace context that a message came with.</summary>
internal static class TraceParent
{
    private const string Header = "traceparent";

    /// <summary>Of the current activity, else of the message's own header; null when there is neither.</summary>
    public static string? Of(ConsumeContext context)
    {
        if (Activity.Current?.Id is { } current)
            return current;
        return context.ReceiveContext.TransportHeaders.TryGetHeader(Header, out var value)
            && value is string text && ActivityContext.TryParse(text, null, out _) ? text : null;
    }
}
