using Npgsql;

namespace VoiceWorker.Persistence.Schema;

/// <summary>A connection for migrating: its own, and one that cannot leave a ghost behind.</summary>
internal static class MigrationConnection
{
    // client_connection_check_interval: a killed worker must not leave a statement behind that commits later.
    private const string SessionSql = """
        SET client_connection_check_interval = '1s';
        SET idle_in_transaction_session_timeout = '15s';
        SET statement_timeout = '60s';
        SET lock_timeout = '2s';
        SELECT set_config('transaction_timeout', '0', false) FROM pg_settings WHERE name = 'transaction_timeout'
        """;

    /// <param name="connections">Any role; rights are checked where they are needed.</param>
    public static async Task<NpgsqlConnection> OpenAsync(
        PostgresConnections connections, CancellationToken cancellationToken)
    {
        var connection = await connections.OpenSessionAsync(
            settings => (settings.KeepAlive, settings.ApplicationName) = (10, "voice-worker migration"),
            cancellationToken);
        await connection.ExecuteAsync(SessionSql, cancellationToken);
        return connection;
    }
}

/// <summary>One migrating worker at a time, by a session advisory lock that goes with its connection.</summary>
internal static class MigrationLock
{
    // Not 1234567890: that is the legacy migrator's key, which gives up after 30 s.
    public const string Key = "580058058";

    // Never pg_advisory_lock: a waiting statement holds a snapshot, which stalls CREATE INDEX CONCURRENTLY and vacuum.
    public static async Task<bool> TryTakeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"SELECT pg_try_advisory_lock({Key})", connection);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public static Task ReleaseAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        connection.ExecuteAsync($"SELECT pg_advisory_unlock({Key})", cancellationToken);

    public static TimeSpan PollInterval() => TimeSpan.FromMilliseconds(Random.Shared.Next(150, 350));
}
