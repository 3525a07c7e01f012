using Xunit;

namespace VoiceWorker.Tests.Integration.Schema;

/// <summary>What <c>migrate --script</c> writes does in psql what <c>migrate</c> does.</summary>
public sealed class MigrationScriptTests(TestServers servers)
{
    [Theory]
    [FullRunData(3, "")]
    [FullRunData(3, "varchar(16)")]
    [InlineData(3, "text")]
    [FullRunData(20_000, "text")]
    public async Task Psql_with_the_script_leaves_the_catalog_rows_and_event_that_migrate_leaves(int businesses, string type)
    {
        await using var byScript = await CreateAsync(businesses, type);
        await using var byMigrate = await CreateAsync(businesses, type);
        await using var scripting = new MigratorUnderTest(byScript.ConnectionString);
        await using var migrating = new MigratorUnderTest(byMigrate.ConnectionString);

        await Psql.RunAsync(byScript.ConnectionString, await scripting.ScriptAsync());
        await migrating.ApplyAsync();

        Assert.Equal(await Psql.DumpSchemaAsync(byMigrate.ConnectionString), await Psql.DumpSchemaAsync(byScript.ConnectionString));
        Assert.Equal(VoiceIdColumn.Target, await VoiceIdColumn.EndStateAsync(byScript));
        Assert.Empty((await scripting.PlanAsync()).Steps);
        await scripting.ApplyAsync();
        Assert.Equal(await EventAsync(byMigrate), await EventAsync(byScript));
        Assert.Equal(await RowsAsync(byMigrate), await RowsAsync(byScript));
    }

    [Theory]
    [FullRunData("varchar(16)")]
    [FullRunData("varchar(32)")]
    [FullRunData("varchar(64)")]
    [InlineData("text")]
    public async Task A_script_takes_every_state_of_a_type_to_the_target(string type)
    {
        await using var database = await CreateAsync(3, "");
        await using var migrator = new MigratorUnderTest(database.ConnectionString);
        await migrator.ApplyAsync();
        foreach (var (isNotNull, defaultVoice, hasNulls, check) in VoiceIdColumn.States(from: 2))
        {
            await database.ExecuteAsync(VoiceIdColumn.Make(type, isNotNull, defaultVoice, hasNulls, check));

            await Psql.RunAsync(database.ConnectionString, await migrator.ScriptAsync());

            var state = $"{type}, not null {isNotNull}, default {defaultVoice}, nulls {hasNulls}, check '{check}'";
            Assert.Equal((state, VoiceIdColumn.Target), (state, await VoiceIdColumn.EndStateAsync(database)));
        }
    }

    [Fact]
    public async Task A_script_for_the_target_changes_nothing()
    {
        await using var database = await CreateAsync(3, "text");
        await using var migrator = new MigratorUnderTest(database.ConnectionString);
        await migrator.ApplyAsync();
        var before = await Psql.DumpSchemaAsync(database.ConnectionString);

        await Psql.RunAsync(database.ConnectionString, await migrator.ScriptAsync());

        Assert.Equal(before, await Psql.DumpSchemaAsync(database.ConnectionString));
    }

    private async Task<LegacyDatabase> CreateAsync(int businesses, string type)
    {
        var database = await LegacyDatabase.CreateAsync(servers.Postgres, businesses);
        await database.ExecuteAsync(VoiceIdColumn.WithoutWaitingForDisk);
        if (type != "")
            await database.ExecuteAsync(VoiceIdColumn.Make(type, isNotNull: false, defaultVoice: "alloy", hasNulls: true, check: "NOT VALID"));
        return database;
    }

    private static Task<string> EventAsync(LegacyDatabase database) => database.ScalarAsync<string>(
        "SELECT string_agg(concat_ws(' ', type, body->>'migration', body->'steps', body->>'rowsBackfilled'), ', ') FROM voice.outbox");

    private static Task<string> RowsAsync(LegacyDatabase database) => database.ScalarAsync<string>(
        "SELECT md5(string_agg(concat_ws(' ', id, name, voice_id), ',' ORDER BY id)) FROM business");
}
