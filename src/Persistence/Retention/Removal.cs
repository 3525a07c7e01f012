namespace VoiceWorker.Persistence.Retention;

/// <summary>What one batch removed.</summary>
/// <param name="Passed">Events that it went past; fewer than asked for means that nothing older is left.</param>
/// <param name="Removed">Rows.</param>
/// <param name="Until">When the last of those events was recorded; null when there was none.</param>
public readonly record struct Removal(long Passed, long Removed, DateTimeOffset? Until);
