namespace VoiceWorker.Persistence.Retention;

/// <summary>How far a store has been removed on purpose.</summary>
/// <param name="RemovedSeq">mt_events.seq_id up to which all of it is gone; 0 when nothing was ever removed.</param>
/// <param name="RemovedUntil">When the last of it was recorded; null when nothing was ever removed.</param>
/// <param name="RemovedRows">Rows removed in all.</param>
public sealed record RetentionHorizon(long RemovedSeq, DateTimeOffset? RemovedUntil, long RemovedRows);
