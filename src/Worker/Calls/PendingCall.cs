using System.Diagnostics;
using VoiceWorker.Commit;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence.Calls;

namespace VoiceWorker.Calls;

/// <summary>
/// A call between its arrival and its commit. It is decided exactly once, by whoever is first: the transaction that read
/// the business, or the deadline of its reply. What was answered is therefore what gets recorded, however often the
/// transaction has to be repeated.
/// </summary>
/// <param name="call">What was asked.</param>
/// <param name="traceParent">W3C trace context of the message, if any.</param>
public sealed class PendingCall(CallStarted call, string? traceParent) : ITraced
{
    private VoiceDecision? _decision;

    /// <summary>What was asked.</summary>
    public CallStarted Call { get; } = call;

    /// <summary>W3C trace context of the message, if any.</summary>
    public string? TraceParent { get; } = traceParent;

    /// <summary>The span of its delivery, until it is committed; null when nobody listens.</summary>
    public Activity? Span { get; set; } = Activity.Current;

    /// <summary>Decides, unless it is decided already.</summary>
    /// <param name="proposal">The decision if there is none yet.</param>
    /// <returns>The decision that stands.</returns>
    public VoiceDecision Decide(VoiceDecision proposal) =>
        Interlocked.CompareExchange(ref _decision, proposal, null) ?? proposal;
}
