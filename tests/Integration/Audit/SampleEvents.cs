using VoiceWorker.Contracts;
using VoiceWorker.Persistence.Audit;

namespace VoiceWorker.Tests.Integration.Audit;

/// <summary>Audit events as a transaction leaves them in the outbox.</summary>
internal static class SampleEvents
{
    /// <summary>A resolved call, CA0, CA1 ….</summary>
    /// <param name="padding">Characters that make it larger.</param>
    public static OutboxEvent Resolved(int businessId, int number, int padding = 0) =>
        OutboxEvent.Of(new CallVoiceResolved
        {
            EventId = Guid.CreateVersion7(DateTimeOffset.UnixEpoch), Stream = AuditEvent.BusinessStream(businessId),
            OccurredAt = DateTimeOffset.UnixEpoch, CallId = $"CA{number}{new string('-', padding)}",
            BusinessId = businessId, VoiceId = "ash", Source = VoiceSource.Default, Reason = VoiceReason.NoVoice,
            StartedAt = DateTimeOffset.UnixEpoch,
        });
}
