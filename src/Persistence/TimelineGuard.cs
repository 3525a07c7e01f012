using Npgsql;

namespace VoiceWorker.Persistence;

/// <summary>
/// Tells an old primary that has come back beside its successor: its history ended when the other was promoted, and
/// what is recorded there is gone when it is fenced. Each promotion begins a timeline with a higher number.
/// </summary>
internal sealed class TimelineGuard
{
    /// <summary>Of a primary: standbys are refused before.</summary>
    public const string TimelineSql = "('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int";

    private int _highest;
    private volatile bool _isUntold;

    /// <summary>The highest that was seen; 0 before, and where no server tells.</summary>
    public int Highest => Volatile.Read(ref _highest);

    /// <summary>Asks the server of a new session for its timeline.</summary>
    /// <returns>It; 0 where the server does not tell, as services that keep their log elsewhere.</returns>
    public async Task<int> ReadAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        if (_isUntold)
            return 0;
        try
        {
            await using var command = new NpgsqlCommand($"SELECT {TimelineSql}", session);
            return (int)(await command.ExecuteScalarAsync(cancellationToken))!;
        }
        catch (PostgresException untold) when (HistoryOrigin.IsUntold(untold))
        {
            _isUntold = true;
            return 0;
        }
    }

    /// <summary>Whether another server was promoted since.</summary>
    public bool IsPast(int timeline) => timeline > 0 && timeline < Highest;

    /// <summary>Takes notice of a session's timeline.</summary>
    /// <returns>Whether it is the first of a promotion: sessions of before are to be closed.</returns>
    /// <exception cref="UnwritableServerException">It is past.</exception>
    public bool Notice(int timeline)
    {
        for (var highest = Highest; timeline > highest; highest = Highest)
        {
            if (Interlocked.CompareExchange(ref _highest, timeline, highest) == highest)
                return highest > 0;
        }

        if (IsPast(timeline))
            throw UnwritableServerException.Past(timeline, _highest);
        return false;
    }
}
