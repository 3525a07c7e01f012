using System.Diagnostics;
using VoiceWorker.Commit;
using VoiceWorker.Contracts;

namespace VoiceWorker.Changes;

/// <summary>A change of voice between its arrival and its commit.</summary>
/// <param name="Change">What was asked, its voice id as the catalogue spells it.</param>
/// <param name="TraceParent">W3C trace context of the message, if any.</param>
public sealed record PendingChange(BusinessVoiceChanged Change, string? TraceParent) : ITraced
{
    /// <summary>The span of its delivery, until it is committed; null when nobody listens.</summary>
    public Activity? Span { get; set; } = Activity.Current;
}
