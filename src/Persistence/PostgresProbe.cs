using Npgsql;

namespace VoiceWorker.Persistence;

/// <summary>Whether the way to PostgreSQL is one that the worker can use: it leads to a primary, and to sessions of the
/// worker's own. Sets nothing in a session that may be shared.</summary>
public static class PostgresProbe
{
    // Two clients by turns and not by turns: whatever order a pooler hands sessions out in, one that shares them shows
    // in one of these places.
    private const string Turns = "AABABBAAB";
    private const int LockClass = 580_058;

    /// <summary>Returns when it is.</summary>
    /// <param name="connectionString">Of Npgsql.</param>
    /// <param name="cancellationToken">Cancels the queries.</param>
    /// <exception cref="PooledConnectionException">A pooler shares the sessions.</exception>
    /// <exception cref="UnwritableServerException">It is a standby.</exception>
    public static async Task EnsureUsableAsync(string connectionString, CancellationToken cancellationToken)
    {
        await using var first = await OpenAsync(connectionString, cancellationToken);
        if (await AskAsync<bool>(first, "SELECT pg_is_in_recovery()", cancellationToken))
            throw UnwritableServerException.Standby();
        // A pooler makes up the process id that it tells its clients.
        if (await ProcessOfAsync(first, cancellationToken) == first.ProcessID)
            return;
        await using var second = await OpenAsync(connectionString, cancellationToken);
        try
        {
            await EnsureOwnProcessesAsync(first, second, cancellationToken);
            await EnsureLockIsHeldAsync(first, second, cancellationToken);
        }
        catch (PostgresException refusal) when (PoolerWords.AreOfStatementMode(refusal))
        {
            throw new PooledConnectionException(refusal.MessageText);
        }
    }

    private static async Task EnsureOwnProcessesAsync(
        NpgsqlConnection first, NpgsqlConnection second, CancellationToken cancellationToken)
    {
        var mine = await ProcessOfAsync(first, cancellationToken);
        var theirs = await ProcessOfAsync(second, cancellationToken);
        foreach (var turn in Turns)
        {
            var (connection, expected) = turn == 'A' ? (first, mine) : (second, theirs);
            if (mine == theirs || await ProcessOfAsync(connection, cancellationToken) != expected)
                throw new PooledConnectionException("two clients get each other's sessions");
        }
    }

    // The proof: a lock of the one is refused to the other while the one is idle, and is still the one's afterwards.
    private static async Task EnsureLockIsHeldAsync(
        NpgsqlConnection first, NpgsqlConnection second, CancellationToken cancellationToken)
    {
        var key = $"({LockClass}, {Random.Shared.Next()})";
        await AskAsync<bool>(first, $"SELECT pg_try_advisory_lock{key}", cancellationToken);
        await using (await second.BeginTransactionAsync(cancellationToken))
        {
            var isShared = await AskAsync<bool>(second, $"SELECT pg_try_advisory_lock{key}", cancellationToken);
            if (isShared)
                await AskAsync<bool>(second, $"SELECT pg_advisory_unlock{key}", cancellationToken);
            var isKept = await AskAsync<bool>(first, $"SELECT pg_advisory_unlock{key}", cancellationToken);
            if (isShared || !isKept)
                throw new PooledConnectionException("a lock of one client is another's too");
        }
    }

    private static async Task<NpgsqlConnection> OpenAsync(string connectionString, CancellationToken cancellationToken)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false };
        var connection = new NpgsqlConnection(settings.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        // No password where one is wanted, no TLS where it is: what Npgsql itself finds out of a server that answers.
        // Of several hosts it says that none was to be had in the same way.
        catch (NpgsqlException refusal) when (refusal is not PostgresException && refusal.InnerException is null
            && settings.Host?.Contains(',') is not true)
        {
            await connection.DisposeAsync();
            throw new ConnectionSettingsException(refusal.Message);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static Task<int> ProcessOfAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        AskAsync<int>(connection, "SELECT pg_backend_pid()", cancellationToken);

    private static async Task<T> AskAsync<T>(
        NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}

/// <summary>A pooler between the worker and PostgreSQL gives one session to several clients.</summary>
/// <param name="reason">How that was found out.</param>
public sealed class PooledConnectionException(string reason) : Exception(
    $"ConnectionStrings:Postgres leads to a connection pooler such as PgBouncer that shares sessions ({reason}). The "
    + "worker needs sessions of its own: the locks by which one worker at a time migrates and relays belong to a "
    + "session. Give the address of a pooler in session mode, or of PostgreSQL itself");

/// <summary>The server answers and wants another kind of connection.</summary>
/// <param name="message">Which, as Npgsql says it.</param>
internal sealed class ConnectionSettingsException(string message) : Exception(message);

/// <summary>The server answers and takes no writes.</summary>
/// <param name="why">With what to do about it.</param>
internal sealed class UnwritableServerException(string why) : Exception(why)
{
    public static UnwritableServerException Standby() => new(
        "the server is a standby, which cannot be written to; give the address of the primary, or all hosts separated "
        + "by commas");

    public static UnwritableServerException Past(int timeline, int later) => new(
        $"the server is an old primary: its history is timeline {timeline}, and timeline {later} of a server that was "
        + "promoted has been seen; fence it, or make it a standby of that one");

    public static UnwritableServerException ReadOnly() => new(
        "the server is read-only; reset default_transaction_read_only, which is on for the server, the database or the "
        + "role, or give the address of another server");
}
