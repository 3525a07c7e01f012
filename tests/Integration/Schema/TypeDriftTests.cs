using Npgsql;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Schema;
using Xunit;

namespace VoiceWorker.Tests.Integration.Schema;

/// <summary>A wider type: in place while the table is small, else through a shadow column; never at the cost of a value.</summary>
public sealed class TypeDriftTests(TestServers servers)
{
    private const int Large = 20_000;

    private const string WideColumn = "ALTER TABLE business ADD voice_id text NOT NULL DEFAULT 'echo'";

    [Theory]
    [InlineData("text")]
    [FullRunData("varchar(64)")]
    [FullRunData("varchar COLLATE \"C\"")]
    public async Task A_large_table_is_converted_through_a_shadow_column_of_which_nothing_is_left(string type)
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.Postgres, Large);
        await database.ExecuteAsync(VoiceIdColumn.WithoutWaitingForDisk);
        await database.ExecuteAsync(VoiceIdColumn.Make(type, isNotNull: false, defaultVoice: null, hasNulls: true, check: "NOT VALID"));
        await using var migrator = new MigratorUnderTest(database.ConnectionString);

        await migrator.ApplyAsync();

        Assert.Equal(VoiceIdColumn.Target, await VoiceIdColumn.EndStateAsync(database));
        Assert.Equal(Large / 2, await CountAsync(database, "voice_id = 'ash' AND id % 2 = 1"));
        Assert.Equal(Large / 2, await CountAsync(database, "voice_id = 'echo' AND id % 2 = 0"));
        Assert.Equal(Large / 2, await database.ScalarAsync<long>("SELECT (body->>'rowsBackfilled')::bigint FROM voice.outbox"));
        Assert.Equal(
            "SetDefault DropCheckOverNulls Backfill AddCheck ValidateCheck SetNotNull DropCheck "
            + "AddShadow CopyToShadow AddShadowCheck ValidateShadow SwapShadow",
            await database.ScalarAsync<string>("SELECT string_agg(step, ' ') FROM voice.outbox, json_array_elements_text(body->'steps') AS step"));
    }

    [Fact]
    public async Task What_the_application_writes_meanwhile_is_what_stands_afterwards()
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.Postgres, Large);
        await database.ExecuteAsync(VoiceIdColumn.WithoutWaitingForDisk);
        await database.ExecuteAsync(WideColumn);
        await using var migrator = new MigratorUnderTest(database.ConnectionString);
        await using var application = await database.OpenAsync();
        var written = new Dictionary<int, string>();

        var migration = migrator.ApplyAsync();
        for (var n = 0; !migration.IsCompleted; n++)
        {
            var (id, voice) = ((n * 7919 % Large) + 1, $"voice-{n}");
            await application.ExecuteAsync(
                $"UPDATE business SET voice_id = '{voice}' WHERE id = {id}; INSERT INTO business (name) VALUES ('new')",
                TestContext.Current.CancellationToken);
            written[id] = voice;
        }

        await migration;
        Assert.Equal(VoiceIdColumn.Target, await VoiceIdColumn.EndStateAsync(database));
        Assert.Equal(
            string.Join(',', written.OrderBy(voice => voice.Key).Select(voice => $"{voice.Key}={voice.Value}")),
            await database.ScalarAsync<string>("SELECT string_agg(id || '=' || voice_id, ',' ORDER BY id) FROM business WHERE voice_id LIKE 'voice-%'"));
        Assert.Equal(0, await CountAsync(database, $"id <= {Large} AND voice_id <> 'echo' AND voice_id NOT LIKE 'voice-%'"));
        Assert.Equal(0, await CountAsync(database, $"id > {Large} AND voice_id NOT IN ('echo', 'ash')"));
    }

    [Theory]
    [FullRunData(3)]
    [InlineData(Large)]
    public async Task Values_that_do_not_fit_are_counted_and_named_and_nothing_is_written(int businesses)
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.Postgres, businesses);
        await database.ExecuteAsync(VoiceIdColumn.WithoutWaitingForDisk);
        await database.ExecuteAsync($"{WideColumn}; UPDATE business SET voice_id = repeat('x', 31) || '  ' WHERE id IN (2, 3)");
        await using var migrator = new MigratorUnderTest(database.ConnectionString);

        var refusal = await Assert.ThrowsAsync<UnsupportedSchemaException>(migrator.ApplyAsync);

        Assert.Contains("2 of its values are longer than 32 characters (id 2, 3)", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(2, await CountAsync(database, "length(voice_id) = 33"));
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'voice%'"));
    }

    [Fact]
    public async Task A_value_that_does_not_fit_written_during_the_copy_stays_and_the_migration_ends()
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.Postgres, Large);
        await database.ExecuteAsync(VoiceIdColumn.WithoutWaitingForDisk);
        await database.ExecuteAsync(WideColumn);
        var slowly = new MigrationOptions { BackfillBatch = 500, BackfillPause = TimeSpan.FromMilliseconds(100) };
        await using var migrator = new MigratorUnderTest(database.ConnectionString, slowly);

        var migration = migrator.ApplyAsync();
        await WaitUntilAsync(database, "SELECT count(*) = 1 FROM pg_trigger WHERE tgrelid = 'business'::regclass");
        // Behind the copy and before it.
        await database.ExecuteAsync($"UPDATE business SET voice_id = repeat('x', 40) WHERE id IN (7, {Large})");

        var refusal = await Assert.ThrowsAsync<UnsupportedSchemaException>(() => migration);
        Assert.Contains($"2 of its values are longer than 32 characters (id 7, {Large})", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(2, await CountAsync(database, "voice_id = repeat('x', 40)"));
        Assert.Equal("text", await database.ScalarAsync<string>(
            "SELECT string_agg(format_type(atttypid, atttypmod), ' ') FROM pg_attribute WHERE attrelid = 'business'::regclass AND attname LIKE 'voice_id%'"));
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM pg_trigger WHERE tgrelid = 'business'::regclass"));
    }

    [Fact]
    public async Task What_would_go_with_the_old_column_of_a_large_table_is_named()
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.Postgres, Large);
        await database.ExecuteAsync(VoiceIdColumn.WithoutWaitingForDisk);
        await database.ExecuteAsync($"{WideColumn}; CREATE INDEX by_voice ON business (voice_id)");
        await using var migrator = new MigratorUnderTest(database.ConnectionString);

        var refusal = await Assert.ThrowsAsync<UnsupportedSchemaException>(migrator.ApplyAsync);

        Assert.Contains("index by_voice", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text")]
    [FullRunData("varchar(16)")]
    public async Task A_view_that_PostgreSQL_would_refuse_to_change_is_named_before_anything_is_done(string type)
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.Postgres);
        await database.ExecuteAsync(VoiceIdColumn.WithoutWaitingForDisk);
        await database.ExecuteAsync($"ALTER TABLE business ADD voice_id {type}; CREATE VIEW voices AS SELECT voice_id FROM business");
        await using var migrator = new MigratorUnderTest(database.ConnectionString);

        var refusal = await Assert.ThrowsAsync<UnsupportedSchemaException>(migrator.ApplyAsync);

        Assert.Contains("rule _RETURN on view voices", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'voice%'"));
    }

    [Fact]
    public async Task Indexes_of_a_small_table_survive_the_change_in_place()
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.Postgres);
        await database.ExecuteAsync(VoiceIdColumn.WithoutWaitingForDisk);
        await database.ExecuteAsync($"{WideColumn}; CREATE INDEX by_voice ON business (voice_id)");
        await using var migrator = new MigratorUnderTest(database.ConnectionString);

        await migrator.ApplyAsync();

        Assert.Equal(1, await database.ScalarAsync<long>("SELECT count(*) FROM pg_indexes WHERE indexname = 'by_voice'"));
    }

    [FullRun]
    [Fact]
    public async Task Rights_on_the_column_and_its_comment_go_over_to_the_new_one()
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.Postgres, Large);
        await database.ExecuteAsync(VoiceIdColumn.WithoutWaitingForDisk);
        await database.ExecuteAsync($"{WideColumn}; COMMENT ON COLUMN business.voice_id IS 'the receptionist''s'");
        await using var reader = await LimitedRole.CreateAsync(database);
        var role = new NpgsqlConnectionStringBuilder(reader.ConnectionString).Username;
        await database.ExecuteAsync($"GRANT SELECT (voice_id), UPDATE (voice_id) ON business TO {role}; GRANT SELECT (voice_id) ON business TO PUBLIC");
        var before = await RightsAsync(database);
        await using var migrator = new MigratorUnderTest(database.ConnectionString);

        await migrator.ApplyAsync();

        Assert.Equal(VoiceIdColumn.Target, await VoiceIdColumn.EndStateAsync(database));
        Assert.Equal(before, await RightsAsync(database));
        await database.ExecuteAsync($"REVOKE ALL (voice_id) ON business FROM {role}");
    }

    [Fact]
    public async Task The_migrator_of_roles_sql_may_make_the_shadow_and_the_worker_keeps_its_rights()
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.Postgres, Large);
        await database.ExecuteAsync(VoiceIdColumn.WithoutWaitingForDisk);
        await database.ExecuteAsync(WideColumn);
        var roles = await database.AddRolesAsync();

        await roles.MigrateAsync();

        Assert.Equal(VoiceIdColumn.Target, await VoiceIdColumn.EndStateAsync(database));
        Assert.Contains("UPDATE", await RightsAsync(database), StringComparison.Ordinal);
    }

    private static Task<string> RightsAsync(LegacyDatabase database) => database.ScalarAsync<string>("""
        SELECT string_agg(format('%s %s', grantee, privilege_type), ', ' ORDER BY grantee, privilege_type)
            || COALESCE(col_description(attrelid, attnum), '')
        FROM pg_attribute, aclexplode(attacl) WHERE attrelid = 'business'::regclass AND attname = 'voice_id' GROUP BY attrelid, attnum
        """);

    private static Task<long> CountAsync(LegacyDatabase database, string condition) =>
        database.ScalarAsync<long>($"SELECT count(*) FROM business WHERE {condition}");

    private static async Task WaitUntilAsync(LegacyDatabase database, string condition) => Assert.True(
        await Polling.UntilAsync(_ => database.ScalarAsync<bool>(condition), Waits.Longest, TestContext.Current.CancellationToken),
        condition);
}
