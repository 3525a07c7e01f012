namespace VoiceWorker.Persistence.Verification;

/// <summary>
/// How far rows and events have been removed on purpose: what lies before is not missed. The only place where the
/// verification learns of it; decisions are removed before their events.
/// </summary>
/// <param name="Decisions">mt_events.seq_id: rows whose events are not beyond it may be gone.</param>
/// <param name="Events">mt_events.seq_id: events not beyond it are gone.</param>
/// <param name="EventsUntil">When the last of those events was recorded; null when none was removed.</param>
public sealed record AuditHorizon(long Decisions, long Events, DateTimeOffset? EventsUntil)
{
    /// <summary>Everything is kept for ever.</summary>
    public static AuditHorizon None { get; } = new(0, 0, null);
}
