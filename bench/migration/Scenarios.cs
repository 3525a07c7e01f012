using Npgsql;

namespace VoiceWorker.MigrationBench;

/// <summary>What is measured: how the column is left behind, and what is in the way meanwhile.</summary>
internal static class Scenarios
{
    private static readonly TimeSpan BlockedFor = TimeSpan.FromSeconds(15);

    public static IReadOnlyDictionary<string, (string Prepare, Func<BenchDatabase, Task<string>>? Disturb)> All { get; } =
        new Dictionary<string, (string, Func<BenchDatabase, Task<string>>?)>
        {
            ["absent"] = ("", null),
            ["nulls"] = ("""
                ALTER TABLE business ADD voice_id varchar(32);
                UPDATE business SET voice_id = 'echo' WHERE id % 2 = 0
                """, null),
            ["text"] = ("ALTER TABLE business ADD voice_id text NOT NULL DEFAULT 'echo'", null),
            ["blocker"] = ("", BlockAsync),
            ["autovacuum"] = ("", VacuumAsync),
        };

    private static async Task<string> BlockAsync(BenchDatabase database)
    {
        await using var connection = await database.OpenAsync("nightly-report");
        await using var transaction = await connection.BeginTransactionAsync();
        await using var read = new NpgsqlCommand("SELECT name FROM business LIMIT 1", connection);
        await read.ExecuteScalarAsync();
        await Task.Delay(BlockedFor);
        await transaction.CommitAsync();
        return $"blocker: pid {connection.ProcessID}, ended at {TimeProvider.System.GetUtcNow():HH:mm:ss.f}";
    }

    // As slow as PostgreSQL lets it be, and due as soon as the application has changed a row.
    private static async Task<string> VacuumAsync(BenchDatabase database)
    {
        await database.ExecuteAsync("""
            ALTER TABLE business SET (autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1,
                autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1)
            """);
        while (!await IsVacuumingAsync(database))
            await Task.Delay(50);
        var started = TimeProvider.System.GetUtcNow();
        while (await IsVacuumingAsync(database))
            await Task.Delay(50);
        return $"autovacuum: began at {started:HH:mm:ss.f}, gone at {TimeProvider.System.GetUtcNow():HH:mm:ss.f}";
    }

    private static Task<bool> IsVacuumingAsync(BenchDatabase database) => database.ScalarAsync<bool>(
        "SELECT count(*) > 0 FROM pg_stat_progress_vacuum WHERE relid = 'business'::regclass");
}
