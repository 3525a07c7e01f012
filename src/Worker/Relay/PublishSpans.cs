using System.Diagnostics;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;

namespace VoiceWorker.Relay;

/// <summary>The spans of one page of audit events, each in the trace of the message that caused it, from when it is
/// sent until the broker has answered for the page.</summary>
internal sealed class PublishSpans : IDisposable
{
    private readonly List<Activity> _open = [];
    private bool _isSettled;

    /// <summary>Null without a listener.</summary>
    public static PublishSpans? Begin() => Tracing.Source.HasListeners() ? new PublishSpans() : null;

    /// <summary>Starts the span of an event.</summary>
    /// <returns>The trace context for its consumers; null when there is none.</returns>
    public string? Start(StoredEvent stored, string exchange)
    {
        var cause = Tracing.Parse(stored.TraceParent);
        if (cause == default)
            return null;
        var around = Activity.Current;
        var span = Tracing.Source.StartActivity($"publish {exchange}", ActivityKind.Producer, cause);
        // Beside each other, not in each other.
        Activity.Current = around;
        if (span is null)
            return stored.TraceParent;
        span.SetTag("messaging.system", "rabbitmq").SetTag("messaging.destination.name", exchange)
            .SetTag("messaging.operation.name", "publish").SetTag("messaging.operation.type", "send")
            .SetTag("messaging.message.id", stored.Event.EventId.ToString())
            .SetTag("voice.audit.stream", stored.Event.Stream).SetTag("voice.audit.sequence", stored.Event.Sequence);
        _open.Add(span);
        return span.Id;
    }

    /// <summary>The broker has confirmed the page, or given some of it back.</summary>
    public void Settle() => _isSettled = true;

    /// <summary>Ends them; as failed unless they are settled.</summary>
    public void Dispose()
    {
        foreach (var span in _open)
        {
            if (!_isSettled)
                span.SetTag("error.type", "unconfirmed").SetStatus(ActivityStatusCode.Error);
            span.Dispose();
        }
    }
}
