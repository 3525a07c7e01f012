using VoiceWorker.Contracts;

namespace VoiceWorker.Persistence.Audit;

/// <summary>An event with its place in the store.</summary>
/// <param name="Position">mt_events.seq_id: the order of everything; gaps mean nothing.</param>
/// <param name="Event">Complete, with id, stream and sequence.</param>
/// <param name="TraceParent">W3C trace context of its cause, if any.</param>
public sealed record StoredEvent(long Position, AuditEvent Event, string? TraceParent);
