using Npgsql;

namespace VoiceWorker.Persistence.Audit;

/// <summary>
/// Leadership of the relay: a session advisory lock on the very connection that sequences and moves the checkpoint. A
/// leader whose session is gone cannot write.
/// </summary>
public static class RelayLeadership
{
    private const long Key = 580_058_059;

    /// <summary>For how long a leader may be silent: then PostgreSQL ends its session. A living one says something
    /// every poll interval.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);

    /// <summary>Opens a connection that can hold the leadership and listens for new events.</summary>
    /// <param name="connections">The database.</param>
    /// <param name="lease">After which a frozen leader loses it.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    public static async Task<NpgsqlConnection> OpenSessionAsync(
        PostgresConnections connections, TimeSpan lease, CancellationToken cancellationToken)
    {
        var connection = await connections.OpenSessionAsync(_ => { }, cancellationToken);
        await connection.ExecuteAsync(SessionSql(lease), cancellationToken);
        return connection;
    }

    private static string SessionSql(TimeSpan lease) => $"""
        SET idle_session_timeout = {(int)lease.TotalMilliseconds};
        SET idle_in_transaction_session_timeout = {(int)lease.TotalMilliseconds};
        SET client_connection_check_interval = '1s';
        SET application_name = 'voice-worker relay'
        """;

    /// <summary>Tries to become the leader; true also when this session is it already. A new leader publishes what it
    /// finds sequenced: by then a synchronous standby has all of that.</summary>
    /// <param name="session">From <see cref="OpenSessionAsync"/>.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <exception cref="UnconfirmedCommitException">No synchronous standby confirms.</exception>
    public static async Task<bool> TryTakeAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"SELECT pg_try_advisory_lock({Key})", session);
        if (await command.ExecuteScalarAsync(cancellationToken) is not true)
            return false;
        using var watch = new CommitWatch(session);
        await watch.ConfirmEarlierAsync(cancellationToken);
        return true;
    }

    /// <summary>Commits what the leader must be able to rely on.</summary>
    /// <param name="transaction">On its session.</param>
    /// <param name="cancellationToken">Cancels the commit.</param>
    /// <exception cref="UnconfirmedCommitException">It is committed on this server, and no synchronous standby has
    /// confirmed it.</exception>
    public static async Task CommitAsync(NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        using var watch = new CommitWatch(transaction.Connection!);
        await transaction.CommitAsync(cancellationToken);
        watch.ThrowIfUnconfirmed();
    }

    /// <summary>The leader; null when there is none.</summary>
    /// <param name="connection">Any.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public static async Task<RelayLeader?> FindLeaderAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // PostgreSQL does not note when a lock was granted.
        const string sql = """
            SELECT pid, host(client_addr), backend_start FROM pg_locks LEFT JOIN pg_stat_activity USING (pid)
            WHERE locktype = 'advisory' AND granted AND objsubid = 1
              AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND ((classid::bigint << 32) | objid::bigint) = $1
            """;
        await using var command = new NpgsqlCommand(sql, connection)
        {
            Parameters = { new NpgsqlParameter<long> { TypedValue = Key } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            return null;
        return new RelayLeader(
            reader.GetInt32(0), reader.TextAt(1),
            reader.IsDBNull(2) ? null : reader.GetFieldValue<DateTimeOffset>(2));
    }
}

/// <summary>The session that holds the leadership of the relay.</summary>
/// <param name="Pid">PostgreSQL's process.</param>
/// <param name="Client">Address of its worker; null for a local socket, or when the role may not see it.</param>
/// <param name="SessionSince">When the session began: it leads at the longest since then. Null when the role may not
/// see it.</param>
public sealed record RelayLeader(int Pid, string? Client, DateTimeOffset? SessionSince);
