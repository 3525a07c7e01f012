using System.Diagnostics;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Schema;
using Xunit;

namespace VoiceWorker.Tests.Integration.Schema;

/// <summary>The application alters its table beside a migration that waits for its own lock.</summary>
public sealed class QueuedAlterTests(TestServers servers)
{
    [Fact]
    public async Task An_ALTER_that_queues_beside_a_waiting_migration_is_given_way_to()
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.PostgresItself);
        await using var reader = await database.OpenAsync();
        await using var application = await database.OpenAsync();
        await using var reading = await reader.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await reader.ExecuteAsync("SELECT * FROM business", TestContext.Current.CancellationToken);
        await using var migrator = new MigratorUnderTest(database.ConnectionString);
        var migration = migrator.ApplyAsync();
        await WaitForAsync(database, "mode = 'ShareUpdateExclusiveLock' AND granted");

        var alter = application.ExecuteAsync(
            "ALTER TABLE business ADD note text",
            TestContext.Current.CancellationToken);
        await WaitForAsync(database, $"pid = {application.ProcessID} AND NOT granted");
        var waited = Stopwatch.StartNew();
        await reading.CommitAsync(TestContext.Current.CancellationToken);
        await alter;

        Assert.InRange(waited.Elapsed, TimeSpan.Zero, Waits.Prompt);
        await migration;
        Assert.Empty(await migrator.VerifyAsync());
    }

    [Fact]
    public async Task Whoever_waits_in_front_of_the_migration_is_named()
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.PostgresItself);
        await using var reader = await database.OpenAsync();
        await using var application = await database.OpenAsync();
        await using var reading = await reader.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await reader.ExecuteAsync("SELECT * FROM business", TestContext.Current.CancellationToken);
        var alter = application.ExecuteAsync(
            "ALTER TABLE business ADD note text",
            TestContext.Current.CancellationToken);
        await WaitForAsync(database, $"pid = {application.ProcessID} AND NOT granted");
        await using var migrator = new MigratorUnderTest(
            database.ConnectionString, new MigrationOptions { LockBudget = TimeSpan.FromSeconds(1) });

        var failure = await Assert.ThrowsAsync<LockBudgetExceededException>(migrator.ApplyAsync);

        Assert.Matches(
            $@"pid {application.ProcessID} \(.*, waits for AccessExclusiveLock\)", failure.Message);
        Assert.DoesNotContain("nobody", failure.Message, StringComparison.Ordinal);
        await reading.CommitAsync(TestContext.Current.CancellationToken);
        await alter;
        await migrator.ApplyAsync();
    }

    private static async Task WaitForAsync(LegacyDatabase database, string condition) => Assert.True(await Polling.UntilAsync(
        _ => database.ScalarAsync<bool>(
            $"SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'business'::regclass AND {condition})"),
        Waits.Longest, TestContext.Current.CancellationToken));
}
