using Npgsql;

namespace VoiceWorker.Persistence.Schema;

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
