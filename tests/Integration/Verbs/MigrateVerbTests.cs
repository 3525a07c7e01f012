using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Persistence.Schema;
using VoiceWorker.Tests.Integration.Schema;
using VoiceWorker.Tests.Integration.Verbs.Operators;
using Xunit;

namespace VoiceWorker.Tests.Integration.Verbs;

/// <summary>The verbs as an operator runs them: exit codes and what is written.</summary>
public sealed class MigrateVerbTests(TestServers servers)
{
    [Fact]
    public async Task The_plan_says_what_is_pending_with_2_and_that_nothing_is_with_0()
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.Postgres);

        var (before, plan) = await DatabaseVerb.RunAsync(database.ConnectionString, "migrate", "--plan");
        var (applied, log) = await DatabaseVerb.RunAsync(database.ConnectionString, "migrate", "--note", "release 58");
        var (again, _) = await DatabaseVerb.RunAsync(database.ConnectionString, "migrate");
        var (after, nothing) = await DatabaseVerb.RunAsync(database.ConnectionString, "migrate", "--plan");

        Assert.Equal((2, 0, 0, 0), (before, applied, again, after));
        Assert.Contains("58_add_business_voice_id: AddColumn", plan, StringComparison.Ordinal);
        Assert.Matches(
            @"Run [0-9a-f-]{36}: AddColumn done in \d+ ms, before: absent; after: character varying\(32\) not null, default 'ash'::character varying, "
            + @"without NULLs, check None; lock attempts \d+, waited \d+ ms for nobody, held [\d.]+ ms; rows 0 \(100 %\)", log);
        Assert.Contains("Nothing to do", nothing, StringComparison.Ordinal);
        // The second had nothing to do, which is no act.
        Assert.Matches(
            """^migrate \{\} \{"rows": 0, "files": \d+, "steps": 1, "completed": 1\} done release 58$""",
            Assert.Single(await RecordedActs.ReadAsync(database)));
    }

    [Fact]
    public async Task The_plan_says_how_far_a_running_migration_is_and_who_is_in_its_way()
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.Postgres);
        await database.ExecuteAsync("ALTER TABLE business ADD voice_id varchar(32); ANALYZE business");
        await using var application = await database.OpenAsync();
        await using var transaction = await application.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var hold = new Npgsql.NpgsqlCommand("SET LOCAL application_name = 'nightly-report'; SELECT * FROM business", application);
        await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        await using var migrating = DatabaseVerb.Start(
            database.ConnectionString, "migrate", "--Migration:LockBudget=00:10:00", "--Logging:LogLevel:VoiceWorker.Persistence.Schema=Information");

        var report = "";
        Assert.True(
            await Polling.UntilAsync(
                async _ => (report = (await DatabaseVerb.RunAsync(database.ConnectionString, "migrate", "--plan")).Output)
                    .Contains("): SetDefault", StringComparison.Ordinal),
                Waits.Longest, TestContext.Current.CancellationToken), report);
        await migrating.InterruptAsync(TestContext.Current.CancellationToken);
        var over = (await DatabaseVerb.RunAsync(database.ConnectionString, "migrate", "--plan")).Output;

        Assert.Matches(@"A migration is running \(pid \d+\): SetDefault\n", report + "\n");
        Assert.Matches($@"Holds (public\.)?business at the moment: .*pid {application.ProcessID} \(nightly-report, postgres, transaction since \d+ s\)", report);
        Assert.DoesNotContain("is running", over, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_backfill_has_changed_is_told_with_what_it_can_change_at_most()
    {
        var run = new MigrationRun(Guid.Empty, "58", DateTimeOffset.UnixEpoch, null, ["SetDefault", "Backfill"], 12_000);

        Assert.Equal("A migration is running (pid 7): Backfill, 12,000 rows of at most about 1,000,000", new RunningMigration(7, run, 1_000_000).Describe());
        Assert.Equal("A migration is running (pid 7): not yet at business.voice_id", new RunningMigration(7, null, 1_000_000).Describe());
    }

    [Fact]
    public async Task A_spent_budget_ends_with_4_and_names_who_is_in_the_way()
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.PostgresItself);
        await using var application = await database.OpenAsync();
        await using var transaction = await application.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var hold = new Npgsql.NpgsqlCommand("SET LOCAL application_name = 'nightly-report'; SELECT * FROM business", application);
        await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        var (code, output) = await DatabaseVerb.RunAsync(database.ConnectionString, "migrate", "--Migration:LockBudget=00:00:01");

        Assert.Equal(4, code);
        Assert.Matches(
            """^migrate \{\} \{"rows": 0, "files": \d+, "steps": 0, "completed": 0\} failed$""",
            Assert.Single(await RecordedActs.ReadAsync(database)));
        Assert.Matches($@"AddColumn did not get its lock .* pid {application.ProcessID} \(nightly-report, postgres, transaction since \d+ s\)", output);
    }

    [Fact]
    public async Task What_no_program_should_change_ends_with_6_and_a_missing_column_with_5()
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.Postgres);
        await database.ExecuteAsync("ALTER TABLE business ADD voice_id text; UPDATE business SET voice_id = repeat('x', 33) WHERE id = 2");

        var (unsupported, why) = await DatabaseVerb.RunAsync(database.ConnectionString, "migrate");
        var (unverified, problems) = await DatabaseVerb.RunAsync(database.ConnectionString, "verify");

        Assert.Equal((6, 5), (unsupported, unverified));
        Assert.Contains("1 of its values are longer than 32 characters (id 2)", why, StringComparison.Ordinal);
        Assert.Contains("business.voice_id has the type text, expected character varying(32)", problems, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_without_rights_gets_3_and_a_script_for_somebody_who_has_them()
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.Postgres);
        await database.ExecuteAsync("ALTER TABLE business ADD voice_id varchar(16)");
        await using var role = await LimitedRole.CreateAsync(database);

        var (refused, output) = await DatabaseVerb.RunAsync(role.ConnectionString, "migrate");
        var written = await database.ScalarAsync<long>("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'voice%'");
        await Psql.RunAsync(database.ConnectionString, output[output.IndexOf("-- Run with psql", StringComparison.Ordinal)..]);
        var (migrated, _) = await DatabaseVerb.RunAsync(database.ConnectionString, "migrate");
        await database.ExecuteAsync($"GRANT USAGE ON SCHEMA voice TO PUBLIC; GRANT SELECT ON ALL TABLES IN SCHEMA voice TO PUBLIC");
        var (accepted, _) = await DatabaseVerb.RunAsync(role.ConnectionString, "migrate");

        Assert.Equal((3, 0L, 0, 0), (refused, written, migrated, accepted));
        Assert.Equal(
            "WidenColumn SetDefault Backfill AddCheck ValidateCheck SetNotNull DropCheck",
            await database.ScalarAsync<string>("SELECT string_agg(step, ' ') FROM voice.outbox, json_array_elements_text(body->'steps') AS step"));
    }
}
