using System.Collections.Concurrent;
using System.Diagnostics;
using VoiceWorker.Commit;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence.Calls;

namespace VoiceWorker.Calls;

/// <summary>
/// The calls that this worker is recording, and those that it has recorded last. Deliveries of the same call share one
/// decision and one record, so that a repeat cannot be answered otherwise than the delivery before it, also when the
/// database is away by then.
/// </summary>
internal sealed class PendingCalls(GroupCommit<PendingCall, CallVoice> calls)
{
    /// <summary>How many recorded calls are remembered: about 10 MB.</summary>
    public const int Remembered = 10_000;

    private readonly ConcurrentDictionary<string, Recording> _calls = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _recorded = new();

    /// <summary>Begins to record a call, or joins the delivery that has begun or done so.</summary>
    /// <param name="traceParent">W3C trace context of the message, if any.</param>
    /// <returns>The call, and what completes when it is recorded.</returns>
    public (PendingCall Call, Task<CallVoice> Recorded) Join(CallStarted call, string? traceParent)
    {
        if (!_calls.TryGetValue(call.CallId, out var recording))
            recording = _calls.GetOrAdd(call.CallId, new Recording(new PendingCall(call, traceParent)));
        return (recording.Call, recording.Begin(this));
    }

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

    private sealed class Recording(PendingCall call)
    {
        private Task<CallVoice>? _recorded;

        public PendingCall Call { get; } = call;

        // Of two that begin at the same moment only one submits it.
        public Task<CallVoice> Begin(PendingCalls calls)
        {
            if (_recorded is { } begun)
                return begun;
            lock (this)
                return _recorded ??= calls.RecordAsync(Call);
        }
    }
}

/// <summary>
/// A call between its arrival and its commit. It is decided exactly once, by the first of two: the transaction that
/// read the business, or the deadline of its reply. What was answered is therefore what gets recorded, however often
/// the transaction has to be repeated.
/// </summary>
/// <param name="traceParent">W3C trace context of the message, if any.</param>
internal sealed class PendingCall(CallStarted call, string? traceParent) : ITraced
{
    private VoiceDecision? _decision;

    public CallStarted Call { get; } = call;

    public string? TraceParent { get; } = traceParent;

    /// <summary>The span of its delivery, until it is committed; null without a listener.</summary>
    public Activity? Span { get; set; } = Activity.Current;

    /// <summary>Decides, unless it is decided already.</summary>
    /// <param name="proposal">The decision if there is none yet.</param>
    /// <returns>The decision that stands.</returns>
    public VoiceDecision Decide(VoiceDecision proposal) =>
        Interlocked.CompareExchange(ref _decision, proposal, null) ?? proposal;
}
