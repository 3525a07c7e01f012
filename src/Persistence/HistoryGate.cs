using Npgsql;

namespace VoiceWorker.Persistence;

/// <summary>
/// After a promotion nothing is recorded until the relay's leader has brought back what was published and is not in the
/// new history: a message that comes again would be decided a second time. Its note in the database says that it has.
/// </summary>
internal sealed class HistoryGate(TimeProvider time)
{
    /// <summary>Then it is recorded all the same: a leader that cannot compare must not keep changes waiting for ever,
    /// and most messages come for the first time. Longer than the death of a broker's node beside that of the primary.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    // Where nobody could look for longer, no leader could compare either: the wait begins again.
    private static readonly TimeSpan LongestGap = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private HistoryOrigin? _awaited;
    private long _since;
    private long _lastLook;
    private volatile string? _obstacle;
    private int _sessions;
    private int _settled = -1;

    /// <summary>What is wrong, for people; null where nothing is.</summary>
    public string? Obstacle => _obstacle;

    /// <summary>A new session may lead to a server that nobody has looked at yet.</summary>
    public void Doubt() => Interlocked.Increment(ref _sessions);

    /// <summary>Passes when the server of a session may be recorded on. Costs nothing once that is known of the latest
    /// session.</summary>
    /// <param name="session">Without an open transaction.</param>
    /// <param name="highest">The highest timeline that was seen; 0 where no server tells.</param>
    /// <param name="cancellationToken">Cancels the queries.</param>
    /// <exception cref="UncomparedHistoryException">It may not yet.</exception>
    /// <exception cref="UnwritableServerException">Another one was promoted since the session was opened.</exception>
    public async Task PassAsync(NpgsqlConnection session, int highest, CancellationToken cancellationToken)
    {
        var sessions = Volatile.Read(ref _sessions);
        if (Volatile.Read(ref _settled) == sessions)
            return;
        var here = await HistoryOrigin.ReadAsync(session, cancellationToken);
        if (here.IsTold && here.Timeline < highest)
            throw UnwritableServerException.Past(here.Timeline, highest);
        Judge(sessions, here, here.IsTold ? await FindNotedAsync(session, cancellationToken) : null);
    }

    /// <summary>The decision.</summary>
    /// <param name="sessions">How many there had been when the server was looked at.</param>
    /// <param name="here">Of the server.</param>
    /// <param name="noted">The history that the last leader dealt with; null where that is not known.</param>
    /// <exception cref="UncomparedHistoryException">It has not dealt with this one.</exception>
    public void Judge(int sessions, HistoryOrigin here, HistoryOrigin? noted)
    {
        lock (_lock)
        {
            // Somebody who looked later has seen that it is dealt with.
            if (_settled >= sessions)
                return;
            if (noted is { IsTold: true } && noted != here)
            {
                Await(here);
                return;
            }

            _settled = sessions;
            (_awaited, _obstacle) = (null, null);
        }
    }

    private void Await(HistoryOrigin here)
    {
        var isFirst = _awaited != here;
        if (isFirst || time.GetElapsedTime(_lastLook) > LongestGap)
            _since = time.GetTimestamp();
        (_awaited, _lastLook) = (here, time.GetTimestamp());
        var isOverdue = time.GetElapsedTime(_since) >= Patience;
        _obstacle = isOverdue ? UncomparedHistoryException.Overdue : UncomparedHistoryException.Reason;
        if (!isOverdue)
            throw new UncomparedHistoryException(isFirst);
    }

    private static async Task<HistoryOrigin?> FindNotedAsync(
        NpgsqlConnection session, CancellationToken cancellationToken)
    {
        try
        {
            return (await NotedHistory.ReadAsync(session, cancellationToken)).Origin;
        }
        // As before the first leader that notes it. The relay says what is wrong.
        catch (PostgresException unreadable) when (unreadable.SqlState is PostgresErrorCodes.UndefinedTable
            or PostgresErrorCodes.UndefinedColumn or PostgresErrorCodes.InsufficientPrivilege)
        {
            return null;
        }
    }
}

/// <summary>A server was promoted, and what it may lack is not back yet.</summary>
/// <param name="isFirst">See the property.</param>
public sealed class UncomparedHistoryException(bool isFirst) : Exception(Reason)
{
    internal const string Reason =
        "nothing is recorded: waiting for the relay's leader to compare the history after a promotion";

    internal const string Overdue =
        "recorded without a comparison: no leader of the relay has compared the history after a promotion within a "
        + "minute, and a message that comes again may get a second event";

    /// <summary>Whether the wait begins with it: once for each promotion.</summary>
    public bool IsFirst { get; } = isFirst;
}
