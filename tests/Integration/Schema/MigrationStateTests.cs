using VoiceWorker.Persistence.Schema;
using Xunit;

namespace VoiceWorker.Tests.Integration.Schema;

/// <summary>From every state that a half-applied script can have left, the same end state.</summary>
public sealed class MigrationStateTests(TestServers servers)
{
    [Theory]
    [InlineData("varchar(16)")]
    [FullRunData("varchar(32)")]
    [FullRunData("varchar(64)")]
    [FullRunData("varchar")]
    [InlineData("text")]
    public async Task Every_state_of_a_type_ends_at_the_target_with_one_event_and_keeps_every_voice(string type)
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.Postgres);
        await database.ExecuteAsync(VoiceIdColumn.WithoutWaitingForDisk);
        await using var migrator = new MigratorUnderTest(database.ConnectionString);
        await migrator.ApplyAsync();
        foreach (var (isNotNull, defaultVoice, hasNulls, check) in VoiceIdColumn.States(from: 0))
        {
            var events = await MigratedEventsAsync(database);
            await database.ExecuteAsync(VoiceIdColumn.Make(type, isNotNull, defaultVoice, hasNulls, check));
            var steps = (await migrator.PlanAsync()).Steps;

            await migrator.ApplyAsync();

            var state = $"{type}, not null {isNotNull}, default {defaultVoice}, nulls {hasNulls}, check '{check}'";
            Assert.Equal((state, VoiceIdColumn.Target), (state, await VoiceIdColumn.EndStateAsync(database)));
            Assert.Equal((state, hasNulls ? "ash echo ash" : "echo echo echo"), (state, await VoicesAsync(database)));
            Assert.Empty((await migrator.PlanAsync()).Describe());
            Assert.Equal(events + (steps.Count > 0 ? 1 : 0), await MigratedEventsAsync(database));
            // The plan knows what each step leaves behind.
            if (steps.Count > 0)
                Assert.Equal((state, string.Join(' ', steps)), (state, await StepsOfLastEventAsync(database)));
        }

        Assert.Empty(await migrator.VerifyAsync());
    }

    [Fact]
    public async Task An_absent_column_is_added_and_a_second_run_finds_nothing_to_do()
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.Postgres);
        await database.ExecuteAsync(VoiceIdColumn.WithoutWaitingForDisk);
        await using var migrator = new MigratorUnderTest(database.ConnectionString);

        await migrator.ApplyAsync();
        await migrator.ApplyAsync();

        Assert.Equal(VoiceIdColumn.Target, await VoiceIdColumn.EndStateAsync(database));
        Assert.True((await migrator.PlanAsync()).IsNothing);
        Assert.Empty(await migrator.VerifyAsync());
        Assert.Equal(1, await MigratedEventsAsync(database));
    }

    [Theory]
    [InlineData("integer")]
    [FullRunData("char(32)")]
    [FullRunData("varchar(32)[]")]
    public async Task A_type_that_no_program_should_change_is_refused_and_left_alone(string type)
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.Postgres);
        await database.ExecuteAsync(VoiceIdColumn.WithoutWaitingForDisk);
        await database.ExecuteAsync($"ALTER TABLE business ADD voice_id {type}");
        await using var migrator = new MigratorUnderTest(database.ConnectionString);

        var refusal = await Assert.ThrowsAsync<UnsupportedSchemaException>(migrator.ApplyAsync);

        Assert.Contains("expected character varying(32)", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'voice%'"));
    }

    [Fact]
    public async Task Rows_without_a_voice_are_filled_though_the_application_holds_some_of_them()
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.Postgres, businesses: 20_000);
        await database.ExecuteAsync(VoiceIdColumn.WithoutWaitingForDisk);
        await database.ExecuteAsync("ALTER TABLE business ADD voice_id varchar(32) DEFAULT 'ash'; UPDATE business SET voice_id = CASE id % 2 WHEN 0 THEN 'echo' END");
        await using var application = await database.OpenAsync();
        await using var edit = await application.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var hold = new Npgsql.NpgsqlCommand("UPDATE business SET name = 'x' WHERE id = 7", application);
        await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        await using var migrator = new MigratorUnderTest(database.ConnectionString);

        var migration = migrator.ApplyAsync();
        await WaitUntilAsync(database, "SELECT count(*) = 1 FROM business WHERE voice_id IS NULL");
        await edit.CommitAsync(TestContext.Current.CancellationToken);
        await migration;

        Assert.Equal(10_000, await database.ScalarAsync<long>("SELECT count(*) FROM business WHERE voice_id = 'ash'"));
        Assert.Equal(10_000L, await database.ScalarAsync<long>("SELECT (body->>'rowsBackfilled')::bigint FROM voice.outbox"));
        Assert.Equal(
            "Backfill AddCheck ValidateCheck SetNotNull DropCheck",
            await database.ScalarAsync<string>("SELECT string_agg(step, ' ') FROM voice.outbox, json_array_elements_text(body->'steps') AS step"));
    }

    private static async Task WaitUntilAsync(LegacyDatabase database, string condition) => Assert.True(
        await Infrastructure.Processes.Polling.UntilAsync(
            _ => database.ScalarAsync<bool>(condition), Waits.Longest, TestContext.Current.CancellationToken),
        condition);

    private static Task<string> VoicesAsync(LegacyDatabase database) =>
        database.ScalarAsync<string>("SELECT string_agg(voice_id, ' ' ORDER BY id) FROM business");

    private static async Task<int> MigratedEventsAsync(LegacyDatabase database) =>
        (int)await database.ScalarAsync<long>("SELECT count(*) FROM voice.outbox WHERE type = 'SchemaMigrated'");

    private static Task<string> StepsOfLastEventAsync(LegacyDatabase database) => database.ScalarAsync<string>("""
        SELECT string_agg(step, ' ')
        FROM (SELECT body FROM voice.outbox WHERE type = 'SchemaMigrated' ORDER BY id DESC LIMIT 1) AS last,
             json_array_elements_text(body->'steps') AS step
        """);
}
