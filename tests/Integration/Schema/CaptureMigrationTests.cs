using Npgsql;
using VoiceWorker.Persistence.Schema;
using VoiceWorker.Tests.Integration.Direct;
using VoiceWorker.Tests.Integration.Verbs;
using Xunit;

namespace VoiceWorker.Tests.Integration.Schema;

/// <summary>The triggers of Changes:Direct=Capture come and go as the other steps of the migration do.</summary>
public sealed class CaptureMigrationTests(TestServers servers)
{
    private const string Triggers = """
        SELECT coalesce(string_agg(concat(tgname, ' ', tgenabled), ', ' ORDER BY tgname), '')
        FROM pg_trigger WHERE tgrelid = 'business'::regclass AND NOT tgisinternal
        """;

    private const string Installed = "aaa_voice_id_inserted A, aaa_voice_id_updated A";

    [Fact]
    public async Task They_are_planned_made_verified_and_removed()
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.Postgres);
        await using var capture = new MigratorUnderTest(database.ConnectionString, direct: DirectChanges.Capture);
        await using var report = new MigratorUnderTest(database.ConnectionString);

        Assert.Equal([MigrationStep.AddColumn, MigrationStep.AddCapture], (await capture.PlanAsync()).Steps);
        await report.ApplyAsync();
        Assert.Equal([MigrationStep.AddCapture], (await capture.PlanAsync()).Steps);
        Assert.Equal(["business lacks the triggers of Changes:Direct=Capture, or has others"], (await capture.VerifyAsync()).Where(IsOurs));
        await capture.ApplyAsync();

        Assert.Equal(Installed, await database.ScalarAsync<string>(Triggers));
        Assert.True((await capture.PlanAsync()).IsNothing);
        Assert.DoesNotContain(await capture.VerifyAsync(), IsOurs);
        Assert.Equal([MigrationStep.RemoveCapture], (await report.PlanAsync()).Steps);
        Assert.Equal(
            ["business has the triggers of Changes:Direct=Capture, and the setting is Report"], (await report.VerifyAsync()).Where(IsOurs));
        await report.ApplyAsync();

        Assert.Equal("", await database.ScalarAsync<string>(Triggers));
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM pg_proc WHERE proname = 'record_direct_change'"));
        Assert.Equal(
            ["AddColumn", "AddCapture", "RemoveCapture"],
            await database.ScalarAsync<string[]>("SELECT array_agg(step ORDER BY started_at) FROM voice.migration_run, unnest(steps) AS step"));
    }

    [Theory]
    [FullRunData("ALTER TABLE business DISABLE TRIGGER aaa_voice_id_updated")]
    [FullRunData("ALTER TABLE business ENABLE TRIGGER aaa_voice_id_inserted")]
    [InlineData("DROP TRIGGER aaa_voice_id_inserted ON business")]
    [FullRunData("ALTER FUNCTION voice.record_direct_change SECURITY INVOKER")]
    [FullRunData("ALTER FUNCTION voice.record_direct_change RESET search_path")]
    [InlineData("CREATE OR REPLACE FUNCTION voice.record_direct_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'")]
    [FullRunData("DROP TRIGGER aaa_voice_id_updated ON business; CREATE TRIGGER aaa_voice_id_updated AFTER UPDATE ON business FOR EACH ROW EXECUTE FUNCTION voice.record_direct_change('earlier'); ALTER TABLE business ENABLE ALWAYS TRIGGER aaa_voice_id_updated")]
    public async Task Another_version_or_one_that_was_tampered_with_is_replaced(string deed)
    {
        await using var database = await servers.Migrated.CopyAsync();
        await Application.MigrateAsync(database);
        await database.ExecuteAsync(deed);
        await using var migrator = new MigratorUnderTest(database.MigratorConnectionString, direct: DirectChanges.Capture);

        Assert.Equal([MigrationStep.AddCapture], (await migrator.PlanAsync()).Steps);
        await migrator.ApplyAsync();

        Assert.Equal(Installed, await database.ScalarAsync<string>(Triggers));
        Assert.True((await migrator.PlanAsync()).IsNothing);
    }

    [Fact]
    public async Task Those_of_a_later_version_stay_as_they_are()
    {
        await using var database = await servers.Migrated.CopyAsync();
        await Application.MigrateAsync(database);
        await database.ExecuteAsync($$"""
            DROP TRIGGER aaa_voice_id_updated ON business;
            DROP TRIGGER aaa_voice_id_inserted ON business;
            CREATE OR REPLACE FUNCTION voice.record_direct_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN RETURN NULL; END';
            CREATE TRIGGER aaa_voice_id_updated AFTER UPDATE ON business FOR EACH ROW
                EXECUTE FUNCTION voice.record_direct_change('{{DirectCapture.Number + 1}}-0123456789abcdef');
            CREATE TRIGGER aaa_voice_id_inserted AFTER INSERT ON business FOR EACH ROW
                EXECUTE FUNCTION voice.record_direct_change('{{DirectCapture.Number + 1}}-0123456789abcdef');
            ALTER TABLE business ENABLE ALWAYS TRIGGER aaa_voice_id_updated, ENABLE ALWAYS TRIGGER aaa_voice_id_inserted;
            """);
        await using var worker = new MigratorUnderTest(database.WorkerConnectionString, direct: DirectChanges.Capture);
        await using var migrator = new MigratorUnderTest(database.MigratorConnectionString, direct: DirectChanges.Capture);

        Assert.True((await migrator.PlanAsync()).IsNothing);
        Assert.DoesNotContain(await worker.VerifyAsync(), IsOurs);
    }

    [Fact]
    public void Their_number_goes_up_with_every_change_of_theirs()
    {
        // Changed on purpose? Then raise DirectCapture.Number, and put the new version here.
        Assert.Equal("1-27a0af90dfddab71", DirectCapture.Version);
    }

    [FullRun]
    [Fact]
    public async Task A_script_for_psql_leaves_the_catalog_that_migrate_leaves()
    {
        await using var byScript = await LegacyDatabase.CreateAsync(servers.Postgres);
        await using var byMigrate = await LegacyDatabase.CreateAsync(servers.Postgres);
        await using var scripting = new MigratorUnderTest(byScript.ConnectionString, direct: DirectChanges.Capture);
        await using var migrating = new MigratorUnderTest(byMigrate.ConnectionString, direct: DirectChanges.Capture);

        await Psql.RunAsync(byScript.ConnectionString, await scripting.ScriptAsync());
        await migrating.ApplyAsync();

        Assert.Equal(await Psql.DumpSchemaAsync(byMigrate.ConnectionString), await Psql.DumpSchemaAsync(byScript.ConnectionString));
        Assert.Empty((await scripting.PlanAsync()).Steps);
        await using var removing = new MigratorUnderTest(byScript.ConnectionString);
        await Psql.RunAsync(byScript.ConnectionString, await removing.ScriptAsync());
        Assert.Equal("", await byScript.ScalarAsync<string>(Triggers));
    }

    [Theory]
    [FullRunData(DirectChanges.Report, "CREATE TRIGGER aaa_voice_id_updated AFTER UPDATE ON public.business")]
    [InlineData(DirectChanges.Capture, "DROP TRIGGER IF EXISTS aaa_voice_id_updated ON public.business")]
    public async Task A_worker_that_may_not_alter_the_table_refuses_with_the_script(DirectChanges before, string statement)
    {
        await using var database = await servers.Migrated.CopyAsync();
        await Application.MigrateAsync(database, before);
        var wanted = before is DirectChanges.Report ? "Capture" : "Report";

        var (code, output) = await DatabaseVerb.RunAsync(
            database.WorkerConnectionString, "migrate", $"--Changes:Direct={wanted}");
        var (planned, plan) = await DatabaseVerb.RunAsync(
            database.WorkerConnectionString, "migrate", "--plan", $"--Changes:Direct={wanted}");

        Assert.Equal((3, 2), (code, planned));
        Assert.Contains(statement, output, StringComparison.Ordinal);
        Assert.Contains(before is DirectChanges.Report ? "AddCapture" : "RemoveCapture", plan, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_owner_of_the_function_that_may_not_record_ends_the_verification()
    {
        await using var database = await servers.Migrated.CopyAsync();
        await Application.MigrateAsync(database);
        await database.ExecuteAsync("ALTER FUNCTION voice.record_direct_change OWNER TO pg_monitor");

        var (code, output) = await DatabaseVerb.RunAsync(database.WorkerConnectionString, "verify", "--Changes:Direct=Capture");

        Assert.Equal(5, code);
        Assert.Contains("voice.record_direct_change records nothing: its owner pg_monitor lacks ", output, StringComparison.Ordinal);
        Assert.Contains("INSERT on voice.outbox", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text")]
    [FullRunData("varchar(16)")]
    public async Task They_make_way_for_a_column_that_has_to_be_altered_and_come_again(string type)
    {
        await using var database = await servers.Migrated.CopyAsync();
        await Application.MigrateAsync(database);
        await database.ExecuteAsync($"ALTER TABLE business DROP COLUMN voice_id CASCADE; ALTER TABLE business ADD voice_id {type}");
        await database.ExecuteAsync("""
            CREATE TRIGGER aaa_voice_id_updated AFTER UPDATE ON business FOR EACH ROW
            WHEN (OLD.voice_id IS DISTINCT FROM NEW.voice_id) EXECUTE FUNCTION voice.record_direct_change()
            """);
        await using var migrator = new MigratorUnderTest(database.ConnectionString, direct: DirectChanges.Capture);

        await migrator.ApplyAsync();

        Assert.True((await migrator.PlanAsync()).IsNothing);
        Assert.Equal("character varying(32)", (await migrator.PlanAsync()).VoiceId.Type);
        Assert.Equal(Installed, await database.ScalarAsync<string>(Triggers));
    }

    [Theory]
    [InlineData(DirectChanges.Capture, "ALTER TABLE")]
    [FullRunData(DirectChanges.Report, "DROP FUNCTION")]
    public async Task A_step_that_fails_at_its_end_is_rolled_back_and_comes_again(DirectChanges direct, string lastCommand)
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.Postgres);
        await using var capture = new MigratorUnderTest(database.ConnectionString, direct: DirectChanges.Capture);
        await using var report = new MigratorUnderTest(database.ConnectionString);
        var (before, after) = direct is DirectChanges.Capture ? (report, capture) : (capture, report);
        await before.ApplyAsync();
        var triggers = await database.ScalarAsync<string>(Triggers);
        await database.ExecuteAsync($"""
            CREATE FUNCTION fail_step() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN RAISE disk_full; END';
            CREATE EVENT TRIGGER fail_step ON ddl_command_end WHEN TAG IN ('{lastCommand}') EXECUTE FUNCTION fail_step();
            """);

        Assert.Equal("53100", (await Assert.ThrowsAsync<PostgresException>(after.ApplyAsync)).SqlState);
        Assert.Equal(triggers, await database.ScalarAsync<string>(Triggers));
        await database.ExecuteAsync("DROP EVENT TRIGGER fail_step");
        await after.ApplyAsync();

        Assert.NotEqual(triggers, await database.ScalarAsync<string>(Triggers));
        Assert.True((await after.PlanAsync()).IsNothing);
    }

    [FullRun]
    [Fact]
    public async Task A_table_in_another_schema_is_recorded_from_there()
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.Postgres);
        await database.ExecuteAsync("""
            CREATE SCHEMA shop; ALTER TABLE business SET SCHEMA shop; ALTER TABLE leads SET SCHEMA shop;
            ALTER TABLE call_log SET SCHEMA shop
            """);
        await using var migrator = new MigratorUnderTest(
            database.ConnectionString, new MigrationOptions { Schema = "shop" }, DirectChanges.Capture);

        await migrator.ApplyAsync();
        await database.ExecuteAsync("UPDATE shop.business SET voice_id = 'sage' WHERE id = 2");

        Assert.Empty(await migrator.VerifyAsync());
        Assert.Equal("2 sage", await database.ScalarAsync<string>(
            "SELECT concat_ws(' ', body->>'businessId', body->>'voiceId') FROM voice.outbox WHERE type = 'BusinessVoiceUpdated'"));
    }

    [Fact]
    public async Task Writers_wait_for_no_step()
    {
        await using var database = await servers.Migrated.CopyAsync(40);
        await using var shop = await Application.CreateAsync(database);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var writers = Enumerable.Range(0, 2).Select(n => WriteAsync(shop, n, enough.Token)).ToList();

        for (var round = 0; round < 2; round++)
        {
            await Application.MigrateAsync(database);
            await Application.MigrateAsync(database, DirectChanges.Report);
        }

        await enough.CancelAsync();
        foreach (var writer in writers)
            Assert.InRange(await writer, TimeSpan.Zero, Waits.Prompt);
        Assert.Equal("", await database.ScalarAsync<string>(Triggers));
    }

    // The longest statement.
    private static async Task<TimeSpan> WriteAsync(Application shop, int number, CancellationToken enough)
    {
        await using var session = await shop.OpenAsync();
        await using var lockTimeout = new NpgsqlCommand("SET lock_timeout = '2s'", session);
        await lockTimeout.ExecuteNonQueryAsync(Token);
        var longest = TimeSpan.Zero;
        for (var n = 0; !enough.IsCancellationRequested; n++)
        {
            var begun = TimeProvider.System.GetTimestamp();
            await using var update = new NpgsqlCommand(
                $"UPDATE business SET voice_id = '{(n % 2 == 0 ? "sage" : "nova")}' WHERE id = {(number * 10) + 1 + (n / 2 % 10)}", session);
            await update.ExecuteNonQueryAsync(Token);
            var took = TimeProvider.System.GetElapsedTime(begun);
            longest = took > longest ? took : longest;
        }

        return longest;
    }

    private static bool IsOurs(string problem) => problem.Contains("Changes:Direct", StringComparison.Ordinal);

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
