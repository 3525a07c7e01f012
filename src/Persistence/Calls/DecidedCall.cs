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
    /// <summary>The answer to the caller.</summary>
    public CallVoice ToCallVoice() =>
        new(Call.CallId, Call.BusinessId, Decision.VoiceId, Decision.Source, Decision.Reason);

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

/// <summary>The voice that a call gets, and why.</summary>
/// <param name="VoiceId">A voice of the catalogue.</param>
/// <param name="Source">Where it comes from.</param>
/// <param name="Reason">Why this one.</param>
/// <param name="StoredVoiceId">The stored voice when it was not used; otherwise null.</param>
public sealed record VoiceDecision(
    string VoiceId, VoiceSource Source, VoiceReason Reason, string? StoredVoiceId = null);
