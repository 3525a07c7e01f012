using System.Diagnostics;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Tests.Integration.Verbs;
using Xunit;

namespace VoiceWorker.Tests.Integration.Schema;

/// <summary>Processes that migrate: killed at random moments, and many at once.</summary>
public sealed class MigrationProcessTests(TestServers servers)
{
    private static readonly int Kills = LongRun.IsOn ? 100 : 5;
    private static readonly int Replicas = LongRun.IsOn ? 50 : 5;

    private const string AdvisoryLocks = """
        SELECT count(*) FROM pg_locks JOIN pg_database AS d ON d.oid = database
        WHERE locktype = 'advisory' AND datname = current_database()
        """;

    private const string Sessions = """
        SELECT count(*) FROM pg_stat_activity WHERE application_name = 'voice-worker migration' AND datname = current_database()
        """;

    // "" is before it has done anything.
    private static readonly string[] Moments =
    [
        "", "SetDefault done", "DropCheckOverNulls done", "Backfill done", "AddCheck done", "SetNotNull done", "DropCheck done",
        "AddShadow done", "AddShadow done", "CopyToShadow done", "AddShadowCheck done", "ValidateShadow done", "SwapShadow done",
    ];

    [FullRun]
    [Fact]
    public async Task Killed_at_random_moments_a_migration_leaves_no_ghost_and_the_next_run_converges()
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.Postgres, businesses: 20_000);
        await database.ExecuteAsync(VoiceIdColumn.WithoutWaitingForDisk);
        await using var migrator = new MigratorUnderTest(database.ConnectionString);
        await migrator.ApplyAsync();
        var random = new Random(58);
        var longestGhost = TimeSpan.Zero;

        for (var kill = 1; kill <= Kills; kill++)
        {
            await database.ExecuteAsync(VoiceIdColumn.Make("text", isNotNull: false, defaultVoice: null, hasNulls: true, check: "NOT VALID"));
            var moment = await KillAsync(database, random);
            var ghost = await AwaitGhostAsync(database);
            longestGhost = ghost > longestGhost ? ghost : longestGhost;

            await migrator.ApplyAsync();

            Assert.Equal((kill, moment, VoiceIdColumn.Target), (kill, moment, await VoiceIdColumn.EndStateAsync(database)));
            Assert.Equal(0, await database.ScalarAsync<long>(AdvisoryLocks));
            Assert.Equal(kill + 1, await database.ScalarAsync<long>("SELECT count(*) FROM voice.outbox WHERE type = 'SchemaMigrated'"));
            Assert.Equal(10_000, await database.ScalarAsync<long>("SELECT count(*) FROM business WHERE voice_id = 'ash'"));
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{Kills} kills, longest ghost {longestGhost.TotalMilliseconds:0} ms");
    }

    [FullRun]
    [Fact]
    public async Task Replicas_that_start_at_once_all_end_with_0_having_added_the_column_once()
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.Postgres);
        await database.ExecuteAsync("""
            CREATE TABLE altered (statement text);
            CREATE FUNCTION note() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO altered VALUES (current_query()); END $$;
            CREATE EVENT TRIGGER note ON ddl_command_end WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION note()
            """);

        var codes = await Task.WhenAll(Enumerable.Range(0, Replicas).Select(async _ =>
        {
            await using var replica = DatabaseVerb.Start(database.ConnectionString, "migrate");
            return await replica.WaitForExitAsync(TestContext.Current.CancellationToken);
        }));

        Assert.All(codes, code => Assert.Equal(0, code));
        Assert.Equal(1, await database.ScalarAsync<long>("SELECT count(*) FROM altered WHERE statement LIKE '%ADD COLUMN voice_id%'"));
        Assert.Equal(1, await database.ScalarAsync<long>("SELECT count(*) FROM voice.outbox WHERE type = 'SchemaMigrated'"));
        Assert.Equal(0, await database.ScalarAsync<long>(AdvisoryLocks));
    }

    private static async Task<string> KillAsync(LegacyDatabase database, Random random)
    {
        await using var process = DatabaseVerb.Start(database.ConnectionString, "migrate");
        var moment = random.GetItems(Moments, 1)[0];
        var reached = await Polling.UntilAsync(
            async _ => process.HasExited || (moment == ""
                ? await database.ScalarAsync<long>(Sessions) > 0
                : process.Output.Any(line => line.Contains(moment, StringComparison.Ordinal))),
            Waits.Longest, TestContext.Current.CancellationToken);
        Assert.True(reached, moment);
        // Into the step that comes next.
        await Task.Delay(random.Next(60), TestContext.Current.CancellationToken);
        process.Kill();
        return moment;
    }

    // What a killed process had asked for must not commit behind the back of the next.
    private static async Task<TimeSpan> AwaitGhostAsync(LegacyDatabase database)
    {
        var waiting = Stopwatch.StartNew();
        var gone = await Polling.UntilAsync(
            async _ => await database.ScalarAsync<long>(Sessions) == 0,
            Waits.Longest, TestContext.Current.CancellationToken);
        Assert.True(gone, "The session of a killed process is still there");
        return waiting.Elapsed;
    }
}
