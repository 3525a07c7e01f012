using Npgsql;
using VoiceWorker.Persistence.Retention;

namespace VoiceWorker.Persistence.Verification;

/// <summary>
/// How far rows and events have been removed on purpose: what lies before is not missed. The only place where the
/// verification learns of it; decisions are removed before their events.
/// </summary>
/// <param name="Decisions">mt_events.seq_id: rows whose events are not beyond it may be gone.</param>
/// <param name="Events">mt_events.seq_id: events not beyond it are gone.</param>
/// <param name="EventsUntil">When the last of those events was recorded; null when none was removed.</param>
/// <param name="EventsRemoved">How many of them there were.</param>
public sealed record AuditHorizon(long Decisions, long Events, DateTimeOffset? EventsUntil, long EventsRemoved)
{
    /// <summary>As the retention has noted it.</summary>
    /// <param name="connection">With the snapshot.</param>
    /// <param name="cancellationToken">Cancels the queries.</param>
    internal static async Task<AuditHorizon> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var decisions = await RetentionTable.ReadAsync(connection, RetentionStore.Decisions, cancellationToken);
        var events = await RetentionTable.ReadAsync(connection, RetentionStore.Audit, cancellationToken);
        return new(decisions.RemovedSeq, events.RemovedSeq, events.RemovedUntil, events.RemovedRows);
    }
}
