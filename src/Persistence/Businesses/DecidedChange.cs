using VoiceWorker.Contracts;

namespace VoiceWorker.Persistence.Businesses;

/// <summary>A change of voice with its decision, ready to be recorded.</summary>
/// <param name="Change">What was asked, its voice id as the catalogue spells it.</param>
/// <param name="Rejection">Why it is not made; null when it is.</param>
/// <param name="PreviousVoiceId">What was stored before; null when nothing was, or there is no such business.</param>
/// <param name="DecidedAt">When, UTC.</param>
/// <param name="ChangedOutside">Whether that is not what the change that stood had left.</param>
/// <param name="TraceParent">W3C trace context of the message, if any.</param>
public sealed record DecidedChange(
    BusinessVoiceChanged Change, ChangeRejection? Rejection, string? PreviousVoiceId, DateTimeOffset DecidedAt,
    bool ChangedOutside, string? TraceParent)
{
    /// <summary>What identifies the change, however often it is delivered.</summary>
    public (int BusinessId, DateTimeOffset ChangedAt, string VoiceId) Identity =>
        IdentityOf(Change.BusinessId, Change.ChangedAt, Change.VoiceId);

    /// <summary>Without case: the catalogue may have spelled a voice in another way before.</summary>
    /// <param name="businessId">Of the change.</param>
    /// <param name="changedAt">Of the change.</param>
    /// <param name="voiceId">Of the change, trimmed.</param>
    internal static (int BusinessId, DateTimeOffset ChangedAt, string VoiceId) IdentityOf(
        int businessId, DateTimeOffset changedAt, string voiceId) =>
        (businessId, changedAt, voiceId.ToLowerInvariant());

    /// <summary>The audit event of this decision, with an id of its own at every call.</summary>
    public AuditEvent ToEvent() => Rejection is { } reason
        ? new BusinessVoiceChangeRejected
        {
            EventId = Guid.CreateVersion7(DecidedAt),
            Stream = AuditEvent.BusinessStream(Change.BusinessId),
            OccurredAt = DecidedAt,
            BusinessId = Change.BusinessId,
            VoiceId = Change.VoiceId,
            Reason = reason,
            ChangedAt = Change.ChangedAt,
            ChangedBy = Change.ChangedBy,
            ChangedOutside = ChangedOutside,
        }
        : new BusinessVoiceUpdated
        {
            EventId = Guid.CreateVersion7(DecidedAt),
            Stream = AuditEvent.BusinessStream(Change.BusinessId),
            OccurredAt = DecidedAt,
            BusinessId = Change.BusinessId,
            PreviousVoiceId = PreviousVoiceId,
            VoiceId = Change.VoiceId,
            ChangedAt = Change.ChangedAt,
            ChangedBy = Change.ChangedBy,
            ChangedOutside = ChangedOutside,
        };
}
