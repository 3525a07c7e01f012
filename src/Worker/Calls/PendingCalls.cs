using System.Collections.Concurrent;
using VoiceWorker.Commit;
using VoiceWorker.Contracts;

namespace VoiceWorker.Calls;

/// <summary>
/// The calls that this worker is recording, and those that it has recorded last. Deliveries of the same call share one
/// decision and one record, so that a repeat cannot be answered otherwise than the delivery before it, also when the
/// database is away by then.
/// </summary>
/// <param name="calls">Records them.</param>
public sealed class PendingCalls(GroupCommit<PendingCall, CallVoice> calls)
{
    /// <summary>How many recorded calls are remembered: about 10 MB.</summary>
    public const int Remembered = 10_000;

    private readonly ConcurrentDictionary<string, Recording> _calls = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _recorded = new();

    /// <summary>Begins to record a call, or joins the delivery that has begun or done so.</summary>
    /// <param name="call">What was asked.</param>
    /// <param name="traceParent">W3C trace context of the message, if any.</param>
    /// <returns>The call, and what completes when it is recorded.</returns>
    public (PendingCall Call, Task<CallVoice> Recorded) Join(CallStarted call, string? traceParent)
    {
        var recording = _calls.GetOrAdd(call.CallId, _ => Begin(new PendingCall(call, traceParent)));
        return (recording.Call, recording.Recorded.Value);
    }

    // Lazy: of two that begin at the same moment only one is submitted.
    private Recording Begin(PendingCall call) => new(call, new Lazy<Task<CallVoice>>(() => RecordAsync(call)));

    private async Task<CallVoice> RecordAsync(PendingCall call)
    {
        try
        {
            var recorded = await calls.SubmitAsync(call, CancellationToken.None);
            Remember(call.Call.CallId);
            return recorded;
        }
        catch
        {
            _calls.TryRemove(call.Call.CallId, out _);
            throw;
        }
    }

    private void Remember(string callId)
    {
        _recorded.Enqueue(callId);
        if (_recorded.Count > Remembered && _recorded.TryDequeue(out var oldest))
            _calls.TryRemove(oldest, out _);
    }

    private sealed record Recording(PendingCall Call, Lazy<Task<CallVoice>> Recorded);
}
