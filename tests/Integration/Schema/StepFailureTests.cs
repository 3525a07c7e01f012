using Npgsql;
using VoiceWorker.Persistence.Schema;
using Xunit;

namespace VoiceWorker.Tests.Integration.Schema;

/// <summary>
/// PostgreSQL fails a step after its work is done and before it is committed: the step rolls back alone, those before it
/// stand, and the next run goes on from there.
/// </summary>
public sealed class StepFailureTests(TestServers servers)
{
    private const int Large = 20_000;

    private const string Narrow = "varchar(16)";

    // Each step meets one of them, and each of them with ./test --long. A pause, so that the signal arrives before the statement ends.
    private static readonly Dictionary<string, string> Failures = new()
    {
        ["53100"] = "RAISE disk_full USING MESSAGE = 'no space left on device'",
        ["57014"] = "PERFORM pg_cancel_backend(pg_backend_pid()), pg_sleep(5)",
        ["57P01"] = "PERFORM pg_terminate_backend(pg_backend_pid()), pg_sleep(5)",
    };

    [Theory]
    [InlineData(MigrationStep.AddColumn, 3, "", "ADD COLUMN voice_id varchar")]
    [FullRunData(MigrationStep.WidenColumn, 3, Narrow, "COLUMN voice_id TYPE")]
    [FullRunData(MigrationStep.SetDefault, 3, Narrow, "business ALTER COLUMN voice_id SET DEFAULT")]
    [FullRunData(MigrationStep.DropCheckOverNulls, 3, Narrow, "DROP CONSTRAINT leftover")]
    [InlineData(MigrationStep.Backfill, 3, Narrow, "SET voice_id =")]
    [FullRunData(MigrationStep.AddCheck, 3, Narrow, "ADD CONSTRAINT business_voice_id_is_not_null")]
    [InlineData(MigrationStep.ValidateCheck, 3, Narrow, "VALIDATE CONSTRAINT business_voice_id_is_not_null")]
    [FullRunData(MigrationStep.SetNotNull, 3, Narrow, "COLUMN voice_id SET NOT NULL")]
    [FullRunData(MigrationStep.DropCheck, 3, Narrow, "DROP CONSTRAINT business_voice_id_is_not_null")]
    [FullRunData(MigrationStep.NarrowColumn, 3, "text", "COLUMN voice_id TYPE")]
    [FullRunData(MigrationStep.AddShadow, Large, "text", "ENABLE ALWAYS TRIGGER")]
    [InlineData(MigrationStep.CopyToShadow, Large, "text", "SET voice_id_58 =")]
    [FullRunData(MigrationStep.AddShadowCheck, Large, "text", "ADD CONSTRAINT business_voice_id_58_is_copy")]
    [FullRunData(MigrationStep.ValidateShadow, Large, "text", "VALIDATE CONSTRAINT business_voice_id_58_is_copy")]
    [InlineData(MigrationStep.SwapShadow, Large, "text", "RENAME COLUMN voice_id_58")]
    [FullRunData(MigrationStep.DropShadow, 3, "text", "DROP COLUMN IF EXISTS voice_id_58")]
    public async Task A_step_that_fails_is_rolled_back_alone_and_the_next_run_goes_on_with_it(
        MigrationStep step, int businesses, string type, string statement)
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.Postgres, businesses);
        await database.ExecuteAsync(VoiceIdColumn.WithoutWaitingForDisk);
        await PrepareAsync(database, step, type);
        await using var migrator = new MigratorUnderTest(database.ConnectionString);
        foreach (var (state, failure) in Failures.Where((_, n) => LongRun.IsOn || n == (int)step % Failures.Count))
        {
            await database.ExecuteAsync(FailingAt(statement, failure));
            Assert.Equal((state, step), (state, await FailAsync(migrator, state)));
        }

        await database.ExecuteAsync("DROP FUNCTION fail_step, fail_update CASCADE");
        await database.ExecuteAsync(VoiceIdColumn.WithoutEventStore);
        Assert.Equal(step, await FailBehindLockAsync(database));
        await migrator.ApplyAsync();

        Assert.Equal(VoiceIdColumn.Target, await VoiceIdColumn.EndStateAsync(database));
        Assert.Equal(1, await database.ScalarAsync<long>("SELECT count(*) FROM voice.outbox WHERE type = 'SchemaMigrated'"));
    }

    private static async Task PrepareAsync(LegacyDatabase database, MigrationStep step, string type)
    {
        if (type != "")
            await database.ExecuteAsync(VoiceIdColumn.Make(type, isNotNull: false, defaultVoice: null, hasNulls: true, check: "NOT VALID"));
        // What somebody who removed a trigger that he did not know has left behind.
        if (step is MigrationStep.DropShadow)
            await database.ExecuteAsync("ALTER TABLE business ADD voice_id_58 varchar(32)");
    }

    // At the end of the command, when its work is done; an event trigger sees no UPDATE.
    private static string FailingAt(string statement, string failure) => $"""
        CREATE OR REPLACE FUNCTION fail_step() RETURNS event_trigger LANGUAGE plpgsql AS $f$
        BEGIN IF current_query() LIKE '%{statement}%' AND current_query() NOT LIKE '%FUNCTION fail_%' THEN {failure}; END IF; END $f$;
        CREATE OR REPLACE FUNCTION fail_update() RETURNS trigger LANGUAGE plpgsql AS $f$
        BEGIN IF current_query() LIKE '%{statement}%' AND current_query() NOT LIKE '%FUNCTION fail_%' THEN {failure}; END IF; RETURN NULL; END $f$;
        DO $$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_event_trigger) THEN
                CREATE TRIGGER fail_update AFTER UPDATE ON business EXECUTE FUNCTION fail_update();
                CREATE EVENT TRIGGER fail_step ON ddl_command_end EXECUTE FUNCTION fail_step();
            END IF;
        END $$
        """;

    /// <returns>The step that is due after the failure.</returns>
    private static async Task<MigrationStep> FailAsync(MigratorUnderTest migrator, string sqlState)
    {
        var failure = await Assert.ThrowsAsync<PostgresException>(migrator.ApplyAsync);
        Assert.Equal(sqlState, failure.SqlState);
        return (await migrator.PlanAsync()).Steps[0];
    }

    private static async Task<MigrationStep> FailBehindLockAsync(LegacyDatabase database)
    {
        await using var migrator = new MigratorUnderTest(
            database.ConnectionString, new MigrationOptions { LockBudget = TimeSpan.FromMilliseconds(100) });
        await using var application = await database.OpenAsync();
        await using var transaction = await application.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var hold = new NpgsqlCommand(
            "SET LOCAL application_name = 'nightly-report'; LOCK TABLE business IN SHARE UPDATE EXCLUSIVE MODE; "
            + "SELECT FROM business FOR UPDATE", application);
        await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        var failure = await Assert.ThrowsAsync<LockBudgetExceededException>(migrator.ApplyAsync);

        Assert.Contains("nightly-report", failure.Message, StringComparison.Ordinal);
        return (await migrator.PlanAsync()).Steps[0];
    }
}
