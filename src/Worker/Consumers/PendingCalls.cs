using System.Collections.Concurrent;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence.Commit;

namespace VoiceWorker.Consumers;

/// <summary>
/// The calls that this worker is recording. Deliveries of the same call share one decision and one record, so that a
/// repeat cannot be answered otherwise than the delivery before it.
/// </summary>
/// <param name="calls">Records them.</param>
public sealed class PendingCalls(GroupCommit<PendingCall, CallVoice> calls)
{
    private readonly ConcurrentDictionary<string, Recording> _pending = new(StringComparer.Ordinal);

    /// <summary>Begins to record a call, or joins the delivery that has begun.</summary>
    /// <param name="call">What was asked.</param>
    /// <param name="traceParent">W3C trace context of the message, if any.</param>
    /// <returns>The call, and what completes when it is recorded.</returns>
    public (PendingCall Call, Task<CallVoice> Recorded) Join(CallStarted call, string? traceParent)
    {
        var recording = _pending.GetOrAdd(call.CallId, _ => Begin(new PendingCall(call, traceParent)));
        return (recording.Call, recording.Recorded.Value);
    }

    // Lazy: of two that begin at the same moment only one is submitted.
    private Recording Begin(PendingCall call) => new(call, new Lazy<Task<CallVoice>>(() => RecordAsync(call)));

    private async Task<CallVoice> RecordAsync(PendingCall call)
    {
        try
        {
            return await calls.SubmitAsync(call, CancellationToken.None);
        }
        finally
        {
            _pending.TryRemove(call.Call.CallId, out _);
        }
    }

    private sealed record Recording(PendingCall Call, Lazy<Task<CallVoice>> Recorded);
}
