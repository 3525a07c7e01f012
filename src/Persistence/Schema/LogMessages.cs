using Microsoft.Extensions.Logging;

namespace VoiceWorker.Persistence.Schema;

/// <summary>Every log message of this project. Ids are stable: 1100 schema.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(1100, LogLevel.Information, "Schema is at its target: nothing to migrate")]
    public static partial void NothingToMigrate(this ILogger logger);

    [LoggerMessage(1101, LogLevel.Information, "Run {RunId}: created the worker's own schema {Name}")]
    public static partial void OwnSchemaApplied(this ILogger logger, Guid runId, string name);

    [LoggerMessage(1102, LogLevel.Information,
        "Run {RunId}: {Step} done in {ElapsedMs} ms, before: {Before}; after: {After}; lock attempts {Attempts}, "
        + "waited {WaitedMs} ms for {Blockers}, held {HeldMs} ms; rows {Rows} ({Percent} %)")]
    public static partial void StepDone(
        this ILogger logger, Guid runId, MigrationStep step, VoiceIdState before, VoiceIdState after, long elapsedMs,
        int attempts, long waitedMs, double heldMs, string blockers, long rows, int percent);

    [LoggerMessage(1103, LogLevel.Warning,
        "Run {RunId}: {Step} waits for its lock since {WaitedMs} ms, held by {Blockers}")]
    public static partial void StepBlocked(
        this ILogger logger, Guid runId, MigrationStep step, long waitedMs, string blockers);

    [LoggerMessage(1104, LogLevel.Error,
        "Run {RunId}: {Step} failed and was rolled back, SQLSTATE {SqlState}, before: {Before}; lock attempts "
        + "{Attempts}, waited {WaitedMs} ms for {Blockers}")]
    public static partial void StepFailed(
        this ILogger logger, Guid runId, MigrationStep step, VoiceIdState before, string sqlState, int attempts,
        long waitedMs, string blockers);

    [LoggerMessage(1105, LogLevel.Information, "Run {RunId}: {Step} has changed {Rows} rows of {Total} ({Percent} %)")]
    public static partial void FillProgressed(
        this ILogger logger, Guid runId, MigrationStep step, long rows, long total, int percent);

    [LoggerMessage(1106, LogLevel.Information, "Run {RunId}: {Migration} complete: {Steps}; {Rows} rows backfilled")]
    public static partial void MigrationComplete(
        this ILogger logger, Guid runId, string migration, string steps, long rows);

    [LoggerMessage(1107, LogLevel.Information, "Another worker is migrating; waiting for it")]
    public static partial void WaitingForMigration(this ILogger logger);

    [LoggerMessage(1108, LogLevel.Information,
        "Run {RunId}: {Step} is not due any more, before: {Before}; after: {After}")]
    public static partial void StepNotDue(
        this ILogger logger, Guid runId, MigrationStep step, VoiceIdState before, VoiceIdState after);

    [LoggerMessage(1109, LogLevel.Warning, "{Obstacle}. Cure: {Cure}")]
    public static partial void TableObstructed(this ILogger logger, string obstacle, string cure);
}
