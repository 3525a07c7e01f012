using VoiceWorker.Contracts;

namespace VoiceWorker.Persistence.Calls;

/// <summary>A call with its decision, ready to be recorded.</summary>
/// <param name="Call">What was asked.</param>
/// <param name="Decision">What is answered.</param>
/// <param name="DecidedAt">When, UTC.</param>
/// <param name="TraceParent">W3C trace context of the message, if any.</param>
public sealed record DecidedCall(
    CallStarted Call, VoiceDecision Decision, DateTimeOffset DecidedAt, string? TraceParent)
{
    /// <summary>What whoever asks is told.</summary>
    public CallVoice ToCallVoice() => new(Call.CallId, Call.BusinessId, Decision.VoiceId, Decision.Source, Decision.Reason);

    /// <summary>The audit event of this decision, with an id of its own at every call.</summary>
    public CallVoiceResolved ToEvent() => new()
    {
        EventId = Guid.CreateVersion7(DecidedAt),
        Stream = AuditEvent.BusinessStream(Call.BusinessId),
        OccurredAt = DecidedAt,
        CallId = Call.CallId,
        BusinessId = Call.BusinessId,
        VoiceId = Decision.VoiceId,
        Source = Decision.Source,
        Reason = Decision.Reason,
        StoredVoiceId = Decision.StoredVoiceId,
        StartedAt = Call.StartedAt,
    };
}
