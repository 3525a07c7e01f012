namespace VoiceWorker.Retention;

/// <summary>What one round removed.</summary>
/// <param name="Decisions">Calls and changes.</param>
/// <param name="Events">Audit events.</param>
/// <param name="Batches">Transactions that it took.</param>
/// <param name="Until">When the youngest of it was recorded; null when there was nothing to remove.</param>
internal readonly record struct SweepRound(long Decisions, long Events, int Batches, DateTimeOffset? Until);
