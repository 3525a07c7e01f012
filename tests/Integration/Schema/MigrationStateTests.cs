using VoiceWorker.Persistence.Schema;
using Xunit;

namespace VoiceWorker.Tests.Integration.Schema;

/// <summary>From every state that a half-applied script can have left, the same end state.</summary>
public sealed class MigrationStateTests(TestServers servers)
{
    public static TheoryData<string> States { get; } =
    [
        "",
        "ADD voice_id varchar(32)",
        "ADD voice_id varchar(32) DEFAULT 'ash'",
        "ADD voice_id varchar(32) DEFAULT 'alloy'",
        "ADD voice_id varchar(32) NOT NULL DEFAULT 'alloy'",
        "ADD voice_id varchar(32) NOT NULL DEFAULT 'ash'",
        "ADD voice_id varchar(32), ADD CHECK (voice_id IS NOT NULL) NOT VALID",
        "ADD voice_id varchar(32), ADD CONSTRAINT leftover CHECK (voice_id IS NOT NULL) NOT VALID",
        "ADD voice_id varchar(32) DEFAULT 'ash', ADD CONSTRAINT leftover CHECK (voice_id IS NOT NULL)",
        "ADD voice_id varchar(32) NOT NULL DEFAULT 'ash', ADD CONSTRAINT leftover CHECK (voice_id IS NOT NULL)",
        "ADD voice_id varchar(16)",
        "ADD voice_id varchar(16) NOT NULL DEFAULT 'ash'",
    ];

    [Theory]
    [MemberData(nameof(States))]
    public async Task Every_state_ends_at_the_target_and_a_second_run_finds_nothing_to_do(string alter)
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.Postgres);
        if (alter != "")
            await database.ExecuteAsync($"ALTER TABLE business {alter}");
        await using var migrator = new MigratorUnderTest(database.ConnectionString);
        var steps = (await migrator.PlanAsync()).Steps;

        await migrator.ApplyAsync();

        Assert.Equal("character varying(32) true 'ash'::character varying 0 0", await EndStateAsync(database));
        Assert.True((await migrator.PlanAsync()).IsNothing);
        Assert.Empty(await migrator.VerifyAsync());
        Assert.Equal(steps.Count > 0 ? 1 : 0, await MigratedEventsAsync(database));
        await migrator.ApplyAsync();
        Assert.Equal(steps.Count > 0 ? 1 : 0, await MigratedEventsAsync(database));
    }

    [Theory]
    [InlineData("integer")]
    [InlineData("text")]
    [InlineData("varchar(64)")]
    public async Task A_type_that_no_program_should_change_is_refused_and_left_alone(string type)
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.Postgres);
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
            _ => database.ScalarAsync<bool>(condition), TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken),
        condition);

    private static Task<string> EndStateAsync(LegacyDatabase database) => database.ScalarAsync<string>("""
        SELECT concat_ws(' ', format_type(atttypid, atttypmod), attnotnull::text, pg_get_expr(adbin, adrelid),
                         (SELECT count(*) FROM pg_constraint WHERE conrelid = 'business'::regclass AND contype = 'c'),
                         (SELECT count(*) FROM business WHERE voice_id IS NULL))
        FROM pg_attribute JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE attrelid = 'business'::regclass AND attname = 'voice_id'
        """);

    private static async Task<int> MigratedEventsAsync(LegacyDatabase database) =>
        (int)await database.ScalarAsync<long>("SELECT count(*) FROM voice.outbox WHERE type = 'SchemaMigrated'");
}
