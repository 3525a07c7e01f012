using VoiceWorker.Contracts;
using VoiceWorker.Observability;

namespace VoiceWorker.Changes;

/// <summary>Changes whose time is ahead of the clock by more than clocks differ: a wrong clock, or milliseconds for
/// seconds. Each counts as of when it is recorded.</summary>
internal sealed class ChangesAhead(WorkerMetrics metrics, TimeProvider time, ILogger<ChangesAhead> logger)
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan BetweenLines = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private DateTimeOffset _nextLine;
    private int _unlogged;

    /// <summary>Counts the change if it is one; logs the first of a minute.</summary>
    public void Note(BusinessVoiceChanged change)
    {
        var now = time.GetUtcNow();
        if (change.ChangedAt - now <= Tolerance)
            return;
        metrics.ChangedAhead();
        int others;
        lock (_lock)
        {
            if (now < _nextLine)
            {
                _unlogged++;
                return;
            }

            (others, _unlogged, _nextLine) = (_unlogged, 0, now + BetweenLines);
        }

        logger.ChangeAhead(change.BusinessId, change.ChangedAt, others);
    }
}
