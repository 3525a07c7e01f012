using Microsoft.Extensions.Logging;
using Npgsql;

namespace VoiceWorker.Persistence.Schema;

/// <summary>The report of one step: a line of the log at its end, one at intervals while it takes long, and all of it
/// to a progress screen.</summary>
internal sealed class StepReport(
    ILogger logger, IProgress<StepProgress>? watcher, TimeProvider time, Guid runId, MigrationStep step,
    VoiceIdState before)
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(5);

    private readonly long _started = time.GetTimestamp();
    private long _lastProgress = time.GetTimestamp();
    private bool _isDue = true;
    private bool _hasFailed;
    private int _attempts;
    private TimeSpan _waited;
    private TimeSpan _held;
    private long _rows;
    private long _total;
    private string _blockers = "nobody";

    public long Rows => _rows;

    public void Begun() => Tell(isOver: false);

    public void Blocked(TimeSpan waited, string blockers)
    {
        _blockers = PeerText.Line(blockers);
        logger.StepBlocked(runId, step, (long)waited.TotalMilliseconds, _blockers);
    }

    public void Locked(int attempts, TimeSpan waited, TimeSpan held, string blockers) =>
        (_attempts, _waited, _held, _blockers) = (attempts, waited, held, PeerText.Line(blockers));

    public void Filled(long rows, long total)
    {
        (_rows, _total) = (rows, total);
        Tell(isOver: false);
        if (time.GetElapsedTime(_lastProgress) < ProgressInterval)
            return;
        _lastProgress = time.GetTimestamp();
        logger.FillProgressed(runId, step, rows, total, Percent());
    }

    /// <summary>Under the lock it turned out that another process had done it, or changed something else.</summary>
    public void NotDueAnyMore() => _isDue = false;

    public void Failed(PostgresException failure)
    {
        _hasFailed = true;
        logger.StepFailed(runId, step, before, failure.SqlState, _attempts, (long)_waited.TotalMilliseconds, _blockers);
    }

    public void Done(VoiceIdState after)
    {
        Tell(isOver: true);
        if (!_isDue)
            logger.StepNotDue(runId, step, before, after);
        else if (!_hasFailed)
        {
            logger.StepDone(
                runId, step, before, after, (long)time.GetElapsedTime(_started).TotalMilliseconds, _attempts,
                (long)_waited.TotalMilliseconds, Math.Round(_held.TotalMilliseconds, 1), _blockers, _rows, Percent());
        }
    }

    private void Tell(bool isOver) => watcher?.Report(new StepProgress(step, _rows, _total, isOver));

    private int Percent() => _total == 0 ? 100 : (int)(_rows * 100 / _total);
}

/// <summary>How far a step has come.</summary>
/// <param name="Step">Which.</param>
/// <param name="Rows">Rows changed so far; 0 in a step that changes none.</param>
/// <param name="Total">Rows that are due in all, as far as is known; 0 in a step that changes none.</param>
/// <param name="IsOver">Whether it has ended.</param>
public sealed record StepProgress(MigrationStep Step, long Rows, long Total, bool IsOver);
