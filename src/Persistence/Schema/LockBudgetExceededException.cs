namespace VoiceWorker.Persistence.Schema;

/// <summary>A step did not get its lock within the budget; it was rolled back, steps before it stand.</summary>
/// <param name="step">The step.</param>
/// <param name="waited">How long all steps waited.</param>
/// <param name="blockers">Who held the lock: pid, application, age of the transaction.</param>
public sealed class LockBudgetExceededException(MigrationStep step, TimeSpan waited, string blockers)
    : Exception($"{step} did not get its lock on business within {waited.TotalSeconds:0} s (Migration:LockBudget); held by {blockers}");
