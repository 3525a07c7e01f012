using System.Diagnostics;

namespace VoiceWorker.Persistence;

/// <summary>The spans of the worker, all of one source. None is created without a listener.</summary>
public static class Tracing
{
    /// <summary>What a listener subscribes to.</summary>
    public const string SourceName = "VoiceWorker";

    /// <summary>Header of messages and stored events that has the W3C trace context.</summary>
    public const string TraceParentHeader = "traceparent";

    /// <summary>The source.</summary>
    public static ActivitySource Source { get; } = new(SourceName);

    /// <summary>Starts a span for work that is done for many messages at once: a root of its own, linked to each of
    /// them whose trace is recorded. Null when there is none.</summary>
    /// <param name="name">Of the span, the same for every group.</param>
    /// <param name="members">Trace contexts of the messages.</param>
    /// <param name="begun">When the work began; default for now.</param>
    public static Activity? StartShared(
        string name, IEnumerable<ActivityContext> members, DateTimeOffset begun = default)
    {
        if (!Source.HasListeners())
            return null;
        var links = members.Where(member => member.TraceFlags.HasFlag(ActivityTraceFlags.Recorded))
            .Select(member => new ActivityLink(member)).ToList();
        return links.Count == 0
            ? null : Source.StartActivity(
                name, ActivityKind.Internal, default(ActivityContext), links: links, startTime: begun);
    }

    /// <summary>A W3C trace context as text; default, which no trace has, when it is none.</summary>
    /// <param name="traceParent">Such as <c>00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01</c>.</param>
    public static ActivityContext Parse(string? traceParent) =>
        ActivityContext.TryParse(traceParent, null, isRemote: true, out var context) ? context : default;
}
