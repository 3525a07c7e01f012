using VoiceWorker.Persistence;

namespace VoiceWorker.Commit;

/// <summary>Back-off between attempts: 50 ms, doubling to 2 s, with jitter, or steady while another worker is about to
/// let them through; two log lines for an outage, not a stream.</summary>
internal sealed class Retry(TimeProvider time, ILogger<Retry> logger)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Steady = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    /// <summary>Waits after a failed attempt; returns early, without an exception, when cancelled.</summary>
    /// <param name="attempt">1 for the first.</param>
    /// <param name="failure">What went wrong; logged once per outage, and when it has become the wait after a
    /// promotion.</param>
    public async Task WaitAsync(int attempt, Exception failure, CancellationToken cancellationToken)
    {
        if (attempt == 1 || failure is UncomparedHistoryException { IsFirst: true })
            logger.CommitDelayed(SqlFailure.Describe(failure));
        await Task.Delay(failure is UncomparedHistoryException ? Steady : DelayAfter(attempt), time, cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Notes that an attempt went through.</summary>
    /// <param name="attempt">1 for the first.</param>
    public void Succeeded(int attempt)
    {
        if (attempt > 1)
            logger.CommitResumed(attempt);
    }

    /// <summary>How long to wait after an attempt.</summary>
    /// <param name="attempt">1 for the first.</param>
    /// <param name="longest">The doubling ends there, at 2 s at the earliest.</param>
    public static TimeSpan DelayAfter(int attempt, TimeSpan longest = default)
    {
        var exponential = First * Math.Pow(2, Math.Min(attempt - 1, 20));
        var limit = longest > Longest ? longest : Longest;
        var capped = exponential < limit ? exponential : limit;
        return capped * (0.75 + (Random.Shared.NextDouble() / 2));
    }
}
