namespace VoiceWorker.Persistence.Schema;

/// <summary>A migration that changed something, or is about to.</summary>
/// <param name="RunId">Also the id of its audit event.</param>
/// <param name="Migration">Its name.</param>
/// <param name="StartedAt">Before its first step.</param>
/// <param name="CompletedAt">When its audit event was written; null before.</param>
/// <param name="Steps">As they were begun.</param>
/// <param name="RowsBackfilled">Rows that got the default voice.</param>
public sealed record MigrationRun(
    Guid RunId, string Migration, DateTimeOffset StartedAt, DateTimeOffset? CompletedAt, IReadOnlyList<string> Steps,
    long RowsBackfilled);
