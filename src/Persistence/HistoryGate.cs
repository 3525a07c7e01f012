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

    private readonly Lock _lock = new();
    private int _settled;
    private int _awaited;
    private long _since;

    /// <summary>Why nothing is recorded; null while it is.</summary>
    public string? Obstacle => Volatile.Read(ref _awaited) == 0 ? null : UncomparedHistoryException.Reason;

    /// <summary>Passes when the server of a session may be recorded on. Costs nothing once that is known.</summary>
    /// <param name="session">Without an open transaction.</param>
    /// <param name="timeline">The highest that was seen; 0 where no server tells.</param>
    /// <param name="cancellationToken">Cancels the queries.</param>
    /// <exception cref="UncomparedHistoryException">It may not yet.</exception>
    public async Task PassAsync(NpgsqlConnection session, int timeline, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _settled) == timeline)
            return;
        var here = await HistoryOrigin.ReadAsync(session, cancellationToken);
        if (here.IsTold)
            Judge(here, await FindNotedAsync(session, cancellationToken));
        else
            Judge(here with { Timeline = timeline }, noted: null);
    }

    /// <summary>The decision.</summary>
    /// <param name="here">Of the server.</param>
    /// <param name="noted">The history that the last leader dealt with; null where that is not known.</param>
    /// <exception cref="UncomparedHistoryException">It has not dealt with this one.</exception>
    public void Judge(HistoryOrigin here, HistoryOrigin? noted)
    {
        lock (_lock)
        {
            if (noted is not null && noted != here && !IsOverdue(here.Timeline))
                throw new UncomparedHistoryException();
            (_settled, _awaited) = (here.Timeline, 0);
        }
    }

    private bool IsOverdue(int timeline)
    {
        if (_awaited != timeline)
            (_awaited, _since) = (timeline, time.GetTimestamp());
        return time.GetElapsedTime(_since) >= Patience;
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
public sealed class UncomparedHistoryException() : Exception(Reason)
{
    internal const string Reason =
        "nothing is recorded: waiting for the relay's leader to compare the history after a promotion";
}
