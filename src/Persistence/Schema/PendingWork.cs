namespace VoiceWorker.Persistence.Schema;

/// <summary>What is left to do, as inspected at one moment.</summary>
/// <param name="Files">SQL files of the worker's own schema that are not applied.</param>
/// <param name="NeedsEventStore">Whether the event store's schema is missing or of another version.</param>
/// <param name="VoiceId">State of <c>business.voice_id</c>.</param>
/// <param name="HasOpenRun">Whether a migration has begun, here or by a script, whose audit event is not written
/// yet.</param>
public sealed record PendingWork(
    IReadOnlyList<string> Files, bool NeedsEventStore, VoiceIdState VoiceId, bool HasOpenRun)
{
    /// <summary>Whether a start would do nothing.</summary>
    public bool IsNothing => Files.Count == 0 && !NeedsEventStore && !HasOpenRun && Steps.Count == 0;

    /// <summary>Whether anything is to be created in the worker's own schemas.</summary>
    public bool NeedsOwnSchema => Files.Count > 0 || NeedsEventStore;

    /// <summary>The remaining steps of migration 58.</summary>
    public IReadOnlyList<MigrationStep> Steps { get; } = MigrationPlan.Remaining(VoiceId);

    /// <summary>What the application has put in the way.</summary>
    public TableAccess Access { get; init; } = new();

    /// <summary>What is in the way of this role, now or when the steps are done.</summary>
    public IReadOnlyList<TableObstacle> Obstacles => [.. Access.Obstacles(Steps)];

    /// <summary>One line for each thing left to do, for people.</summary>
    public IEnumerable<string> Describe()
    {
        foreach (var file in Files)
            yield return $"create the worker's own schema: {file}";
        if (NeedsEventStore)
            yield return "create or update the event store's schema: voice_audit";
        foreach (var step in Steps)
        {
            var reason = step is MigrationStep.Unsupported ? $": {MigrationPlan.Explain(VoiceId)}" : "";
            yield return $"{MigrationPlan.Name}: {step}{reason}";
        }

        if (HasOpenRun && Steps.Count == 0)
            yield return "record the audit event of a migration";
    }
}
