using VoiceWorker.Contracts;

namespace VoiceWorker.Persistence.Audit;

/// <summary>An audit event on its way from the transaction that caused it to the event store.</summary>
/// <param name="EventId">UUID version 7.</param>
/// <param name="Stream">Event stream that it belongs to.</param>
/// <param name="Type">Name of its contract, such as <c>CallVoiceResolved</c>.</param>
/// <param name="Body">Its own fields as JSON.</param>
/// <param name="TraceParent">W3C trace context of its cause, if any.</param>
public sealed record OutboxEvent(Guid EventId, string Stream, string Type, string Body, string? TraceParent = null)
{
    /// <summary>The outbox form of an event.</summary>
    /// <param name="auditEvent">With id and stream; its sequence is not known yet.</param>
    public static OutboxEvent Of(AuditEvent auditEvent) => new(
        auditEvent.EventId, auditEvent.Stream, auditEvent.GetType().Name, AuditJson.Write(auditEvent));
}
