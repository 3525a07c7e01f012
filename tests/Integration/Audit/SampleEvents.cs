using VoiceWorker.Contracts;
using VoiceWorker.Persistence.Audit;

namespace VoiceWorker.Tests.Integration.Audit;

/// <summary>Audit events as a transaction leaves them in the outbox.</summary>
internal static class SampleEvents
{
    /// <summary>A resolved call, CA0, CA1 ….</summary>
    public static OutboxEvent Resolved(int businessId, int number) => OutboxEvent.Of(new CallVoiceResolved
    {
        EventId = Guid.CreateVersion7(DateTimeOffset.UnixEpoch), Stream = AuditEvent.BusinessStream(businessId),
        OccurredAt = DateTimeOffset.UnixEpoch, CallId = $"CA{number}", BusinessId = businessId, VoiceId = "ash",
        Source = VoiceSource.Default, Reason = VoiceReason.NoVoice, StartedAt = DateTimeOffset.UnixEpoch,
    });
}
