using System.Diagnostics;

namespace VoiceWorker.Persistence.Schema;

/// <summary>
/// How a step asks for its lock without making others queue behind it: first without waiting at all, 15–30 ms apart;
/// after a minute with waits of less than 100 ms, ten times as far apart as they are long; until the budget of the run
/// is spent.
/// </summary>
internal sealed class LockPatience(TimeProvider time, TimeSpan budget)
{
    public const int TriesPerTransaction = 200;

    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(30);
    private static readonly TimeSpan MaxHarmlessWait = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan NoWaitPhase = TimeSpan.FromSeconds(60);
    private readonly Stopwatch _waiting = new();
    private int _timedWaits;

    public TimeSpan Waited => _waiting.Elapsed;

    public bool IsSpent => _waiting.Elapsed >= budget;

    /// <summary>How long to wait for a lock that blocks no reader or writer.</summary>
    public TimeSpan HarmlessWait()
    {
        var left = Math.Clamp((budget - _waiting.Elapsed).TotalMilliseconds, 1, MaxHarmlessWait.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(left);
    }

    public void StartWaiting() => _waiting.Start();

    public void StopWaiting() => _waiting.Stop();

    /// <summary>How long the next LOCK may wait; zero is NOWAIT.</summary>
    public TimeSpan NextWait() => _waiting.Elapsed < NoWaitPhase
        ? TimeSpan.Zero
        : TimeSpan.FromMilliseconds(Math.Min(75, 25 * (1 << Math.Min(_timedWaits++, 2))));

    /// <summary>How many looks long the pause before the next LOCK is.</summary>
    public static int LooksAfter(TimeSpan wait) => Math.Max(1, (int)(wait * 10 / Longest));

    /// <summary>Waits for a moment: so long, and no longer, does an ALTER of somebody else wait for our first
    /// lock.</summary>
    public Task LookAsync(CancellationToken cancellationToken) => Task.Delay(
        TimeSpan.FromMilliseconds(Random.Shared.Next(Longest.Milliseconds / 2, Longest.Milliseconds)), time,
        cancellationToken);
}

/// <summary>A step did not get its lock within the budget; it was rolled back, steps before it stand.</summary>
/// <param name="step">The step.</param>
/// <param name="waited">How long all steps waited.</param>
/// <param name="blockers">Who held the lock: pid, application, age of the transaction.</param>
public sealed class LockBudgetExceededException(MigrationStep step, TimeSpan waited, string blockers)
    : Exception($"{step} did not get its lock on business within {waited.TotalSeconds:0} s (Migration:LockBudget); "
        + $"held by {blockers}");
