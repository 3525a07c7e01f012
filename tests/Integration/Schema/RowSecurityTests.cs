using Npgsql;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Businesses;
using VoiceWorker.Persistence.Schema;
using VoiceWorker.Tests.Integration.Verbs;
using Xunit;

namespace VoiceWorker.Tests.Integration.Schema;

/// <summary>Row level security never makes a business absent in silence.</summary>
public sealed class RowSecurityTests(TestServers servers)
{
    private const string Enable = "ALTER TABLE business ENABLE ROW LEVEL SECURITY";
    private const string Tenant = "USING (id = current_setting('app.tenant', true)::int)";

    [Fact]
    public async Task Hidden_rows_end_every_verb_with_3_until_its_policy_is_created()
    {
        await using var database = await servers.Migrated.CopyAsync();
        await database.ExecuteAsync(Enable);

        foreach (var verb in new[] { "verify", "migrate", "run" })
        {
            var (code, output) = await DatabaseVerb.RunAsync(database.WorkerConnectionString, verb);
            Assert.Equal((verb, 3), (verb, code));
            Assert.Contains("Row level security hides rows of public.business", output, StringComparison.Ordinal);
            Assert.Contains("CREATE POLICY", output, StringComparison.Ordinal);
        }

        var refusal = await RefusalAsync(database.WorkerConnectionString);
        await database.ExecuteAsync(refusal.Script);

        Assert.Equal(0, (await DatabaseVerb.RunAsync(database.WorkerConnectionString, "verify")).Code);
        await database.ExecuteAsync(refusal.Script);
        Assert.Equal(0, (await DatabaseVerb.RunAsync(database.WorkerConnectionString, "migrate")).Code);
    }

    [Fact]
    public async Task An_owner_that_is_forced_under_policies_changes_nothing_before_it_sees_all()
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.Postgres);
        await database.ExecuteAsync("ALTER TABLE business ADD voice_id varchar(16)");
        var roles = await database.AddRolesAsync();
        await database.ExecuteAsync(Enable + "; ALTER TABLE business FORCE ROW LEVEL SECURITY");

        var refusal = await RefusalAsync(roles.MigratorConnectionString);
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'voice%'"));
        Assert.Equal("character varying(16)", await database.ScalarAsync<string>(
            "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'business'::regclass AND attname = 'voice_id'"));

        await database.ExecuteAsync(refusal.Script);
        await roles.MigrateAsync();
        Assert.Equal(VoiceIdColumn.Target, await VoiceIdColumn.EndStateAsync(database));
        Assert.Equal(3, await database.ScalarAsync<long>("SELECT count(*) FROM business WHERE voice_id = 'ash'"));
    }

    [Theory]
    [InlineData("CREATE POLICY part ON business TO {0} USING (id < 3)", true)]
    [FullRunData("CREATE POLICY part ON business " + Tenant, true)]
    [FullRunData("CREATE POLICY reads ON business FOR SELECT TO {0} USING (true)", true)]
    [InlineData("CREATE POLICY takes ON business TO {0} USING (true) WITH CHECK (id < 3)", true)]
    [FullRunData("CREATE POLICY other ON business TO pg_monitor USING (true)", true)]
    [FullRunData("CREATE POLICY every ON business TO {0} USING (true); CREATE POLICY less ON business AS RESTRICTIVE " + Tenant, true)]
    [InlineData("CREATE POLICY every ON business USING (true)", false)]
    [FullRunData("CREATE POLICY part ON business " + Tenant + "; CREATE POLICY every ON business TO {0} USING (true)", false)]
    [FullRunData("CREATE POLICY reads ON business FOR SELECT USING (true); CREATE POLICY writes ON business FOR UPDATE USING (true)", false)]
    [FullRunData("CREATE POLICY every ON business USING (true); CREATE POLICY less ON business AS RESTRICTIVE TO pg_monitor " + Tenant, false)]
    [InlineData("ALTER ROLE {0} BYPASSRLS", false)]
    [FullRunData("CREATE POLICY every ON business USING (true); ALTER TABLE voice.call_voice ENABLE ROW LEVEL SECURITY", true)]
    [FullRunData("CREATE POLICY every ON business USING (true); ALTER TABLE voice_audit.mt_events ENABLE ROW LEVEL SECURITY", true)]
    public async Task Whatever_the_policies_are_all_rows_are_seen_or_none(string policies, bool hides)
    {
        await using var database = await LegacyDatabase.CreateMigratedAsync(servers.Postgres);
        var role = new NpgsqlConnectionStringBuilder(database.WorkerConnectionString).Username;
        await database.ExecuteAsync($"{Enable}; {policies.Replace("{0}", role, StringComparison.Ordinal)}");

        if (hides)
        {
            var refusal = await RefusalAsync(database.WorkerConnectionString);
            await database.ExecuteAsync(refusal.Script);
        }

        await using var migrator = new MigratorUnderTest(database.WorkerConnectionString);
        await migrator.ApplyAsync();
        Assert.Empty(await migrator.VerifyAsync());
        await using var connections = new PostgresConnections(database.WorkerConnectionString, "public");
        Assert.Equal(3, (await ReadAsync(connections)).Count);
    }

    [Fact]
    public async Task A_policy_that_comes_beside_a_running_worker_is_an_error_never_an_absent_row()
    {
        await using var database = await servers.Migrated.CopyAsync();
        await using var connections = new PostgresConnections(database.WorkerConnectionString, "public");
        Assert.Equal(3, (await ReadAsync(connections)).Count);

        await database.ExecuteAsync(Enable);
        Assert.Equal("42501", (await Assert.ThrowsAnyAsync<Exception>(() => ReadAsync(connections))).State());
        await database.ExecuteAsync("CREATE POLICY every ON business USING (true)");
        Assert.Equal(3, (await ReadAsync(connections)).Count);
        await database.ExecuteAsync("DROP POLICY every ON business");
        Assert.Equal("42501", (await Assert.ThrowsAnyAsync<Exception>(() => ReadAsync(connections))).State());
        await database.ExecuteAsync("ALTER TABLE business DISABLE ROW LEVEL SECURITY");
        Assert.Equal(3, (await ReadAsync(connections)).Count);
    }

    private static Task<IReadOnlyDictionary<int, string?>> ReadAsync(PostgresConnections connections) => connections.CommitAsync(
        connection => BusinessTable.ReadVoicesAsync(connection, [1, 2, 3], TestContext.Current.CancellationToken),
        TestContext.Current.CancellationToken);

    private static async Task<PrivilegeMissingException> RefusalAsync(string connectionString)
    {
        await using var migrator = new MigratorUnderTest(connectionString);
        return await Assert.ThrowsAsync<PrivilegeMissingException>(migrator.ApplyAsync);
    }
}

file static class Failures
{
    public static string? State(this Exception failure) => SqlFailure.StateOf(failure);
}
