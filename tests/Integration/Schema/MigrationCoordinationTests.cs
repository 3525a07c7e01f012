using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Schema;
using Xunit;

namespace VoiceWorker.Tests.Integration.Schema;

/// <summary>The migration beside others: other workers, a live application, a role with few rights.</summary>
public sealed class MigrationCoordinationTests(TestServers servers)
{
    [Fact]
    public async Task Ten_workers_at_once_migrate_once_with_one_event()
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.Postgres, businesses: 1_000);
        await database.ExecuteAsync("ALTER TABLE business ADD voice_id varchar(32)");

        await Task.WhenAll(Enumerable.Range(0, 10).Select(async _ =>
        {
            await using var migrator = new MigratorUnderTest(database.ConnectionString);
            await migrator.ApplyAsync();
        }));

        Assert.Equal(1, await database.ScalarAsync<long>("SELECT count(*) FROM voice.outbox"));
        Assert.Equal(1, await database.ScalarAsync<long>("SELECT count(*) FROM voice.migration_run WHERE completed_at IS NOT NULL"));
        Assert.Equal(0, await database.AdvisoryLocksAsync());
    }

    [Fact]
    public async Task A_start_with_nothing_to_do_takes_no_lock_and_needs_no_right_to_change_anything()
    {
        await using var database = await servers.Migrated.CopyAsync();
        await using var reader = await LimitedRole.CreateAsync(database);
        await using var application = await database.OpenAsync();
        await using var transaction = await application.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await application.ExecuteAsync(
            "LOCK TABLE business IN ACCESS EXCLUSIVE MODE",
            TestContext.Current.CancellationToken);

        await using var migrator = new MigratorUnderTest(reader.ConnectionString);
        await migrator.ApplyAsync();

        Assert.Empty(await migrator.VerifyAsync());
    }

    [Fact]
    public async Task A_role_that_may_not_migrate_writes_nothing_and_hands_over_the_SQL()
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.Postgres);
        await using var reader = await LimitedRole.CreateAsync(database);
        await using var migrator = new MigratorUnderTest(reader.ConnectionString);

        var refusal = await Assert.ThrowsAsync<PrivilegeMissingException>(migrator.ApplyAsync);

        Assert.Contains("ADD COLUMN voice_id varchar(32) NOT NULL DEFAULT 'ash'", refusal.Script, StringComparison.Ordinal);
        Assert.Contains("CREATE TABLE IF NOT EXISTS voice.outbox", refusal.Script, StringComparison.Ordinal);
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'voice%'"));
    }

    [Fact]
    public async Task A_blocker_that_stays_is_named_when_the_budget_is_spent_and_no_column_is_added()
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.PostgresItself);
        await using var application = await database.OpenAsync();
        await using var transaction = await application.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await application.ExecuteAsync(
            "SET LOCAL application_name = 'nightly-report'; SELECT * FROM business",
            TestContext.Current.CancellationToken);
        await using var migrator = new MigratorUnderTest(
            database.ConnectionString, new MigrationOptions { LockBudget = TimeSpan.FromSeconds(1) });

        var failure = await Assert.ThrowsAsync<LockBudgetExceededException>(migrator.ApplyAsync);

        Assert.Contains($"pid {application.ProcessID} (nightly-report", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM pg_attribute WHERE attrelid = 'business'::regclass AND attname = 'voice_id'"));
        await transaction.CommitAsync(TestContext.Current.CancellationToken);
        await migrator.ApplyAsync();
        Assert.Equal(1, await database.ScalarAsync<long>("SELECT count(*) FROM voice.outbox"));
    }

    [Fact]
    public async Task The_application_reads_and_writes_while_the_migration_waits_for_a_blocker()
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.Postgres);
        await using var blocker = await database.OpenAsync();
        await using var transaction = await blocker.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await blocker.ExecuteAsync("SELECT * FROM business", TestContext.Current.CancellationToken);
        await using var migrator = new MigratorUnderTest(database.ConnectionString);

        var migration = migrator.ApplyAsync();
        for (var i = 0; i < 100; i++)
            await database.ExecuteAsync("SET lock_timeout = '1s'; UPDATE business SET name = 'x' WHERE id = 1; SELECT count(*) FROM business");
        Assert.False(migration.IsCompleted);
        await transaction.CommitAsync(TestContext.Current.CancellationToken);
        await migration;

        Assert.Empty(await migrator.VerifyAsync());
    }

    [Theory]
    [FullRunData("call_log", "recording_mode")]
    [FullRunData("call_log", "recording_sid")]
    [FullRunData("call_log", "audio_bytes_len")]
    [InlineData("call_log", "audio_duration_sec")]
    [FullRunData("call_log", "transcript_source")]
    [InlineData("call_log", "stream_started_at")]
    [FullRunData("call_log", "stream_ended_at")]
    [FullRunData("call_log", "recording_count")]
    [InlineData("leads", "gender")]
    [InlineData("business", "voice_id")]
    public async Task A_missing_critical_column_is_named_and_nothing_else(string table, string column)
    {
        await using var database = await servers.Migrated.CopyAsync();
        await using var migrator = new MigratorUnderTest(database.ConnectionString);
        await database.ExecuteAsync($"ALTER TABLE {table} DROP COLUMN {column}");

        Assert.Equal([$"{table}.{column} is missing"], await migrator.VerifyAsync());
    }

    [Fact]
    public async Task Everything_that_is_wrong_is_reported_at_once()
    {
        await using var database = await servers.Migrated.CopyAsync();
        await using var migrator = new MigratorUnderTest(database.ConnectionString);
        await database.ExecuteAsync("""
            DROP TABLE leads; ALTER TABLE call_log DROP COLUMN recording_sid;
            ALTER TABLE business ALTER COLUMN voice_id DROP NOT NULL, ALTER COLUMN voice_id DROP DEFAULT;
            DROP TABLE voice.outbox
            """);

        var problems = await migrator.VerifyAsync();

        Assert.Equal(
            [
                "call_log.recording_sid is missing", "leads.gender is missing (there is no table leads)", "voice.outbox is missing",
                "business.voice_id is nullable, expected NOT NULL",
                "business.voice_id has the default none, expected 'ash'::character varying",
            ],
            problems);
    }
}
