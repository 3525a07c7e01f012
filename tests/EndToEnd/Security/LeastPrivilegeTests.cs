using Npgsql;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Security;

/// <summary>What the roles of docs/roles.sql may not do. What they may, every other test shows.</summary>
public sealed class LeastPrivilegeTests(TestServers servers)
{
    private static readonly string[] Forbidden =
    [
        // The application's data.
        "SELECT name FROM business", "SELECT * FROM business", "UPDATE business SET name = 'x'", "UPDATE business SET id = 7",
        "INSERT INTO business (name) VALUES ('x')", "DELETE FROM business", "TRUNCATE business", "LOCK TABLE business",
        "SELECT * FROM call_log", "INSERT INTO call_log (call_sid) VALUES ('x')", "UPDATE call_log SET call_sid = 'x'", "DELETE FROM call_log",
        "SELECT * FROM leads", "INSERT INTO leads (name) VALUES ('x')", "UPDATE leads SET gender = 'x'", "DELETE FROM leads",
        "SELECT nextval('business_id_seq')",
        // Schema.
        "ALTER TABLE business ADD x integer", "ALTER TABLE business ALTER voice_id DROP NOT NULL", "DROP TABLE business", "CREATE INDEX ON business (name)",
        "CREATE TRIGGER t BEFORE UPDATE ON business FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "CREATE TABLE public.x ()", "CREATE TABLE voice.x ()", "CREATE TABLE voice_audit.x ()", "CREATE SCHEMA x", "DROP SCHEMA voice",
        // What is decided stays decided.
        "UPDATE voice.call_voice SET voice_id = 'x'", "DELETE FROM voice.call_voice", "UPDATE voice.business_voice_change SET changed_by = 'x'",
        "DELETE FROM voice.business_voice_change", "UPDATE voice.outbox SET body = '{}'", "INSERT INTO voice.schema_history VALUES ('x')",
        "DELETE FROM voice.relay_checkpoint", "DELETE FROM voice.migration_run", "UPDATE voice.migration_run SET steps = '{}'",
        "UPDATE voice.operator_action SET note = 'x'", "DELETE FROM voice.operator_action", "TRUNCATE voice.operator_action",
        "UPDATE voice.queue_pause SET paused_by = 'x'", "TRUNCATE voice.queue_pause",
        // The audit trail is added to and never changed.
        "UPDATE voice_audit.mt_events SET data = '{}'", "DELETE FROM voice_audit.mt_events", "TRUNCATE voice_audit.mt_events",
        "DELETE FROM voice_audit.mt_streams", "UPDATE voice_audit.mt_streams SET is_archived = true",
        "SELECT voice_audit.mt_archive_stream('business-1')", "SELECT setval('voice_audit.mt_events_sequence', 1)",
        // Nothing is removed unless that was allowed too, and then by age alone.
        "SELECT voice.remove_decisions('1 day', now(), 1)", "SELECT voice.remove_events('1 day', now(), 1)",
        "SELECT voice.note_removed('audit', 1, now(), 1)", "UPDATE voice.retention SET removed_seq = 1",
        // The server.
        "SELECT rolpassword FROM pg_authid", "SELECT * FROM pg_shadow", "CREATE ROLE x", "SELECT pg_read_file('/etc/passwd')",
        "COPY (SELECT 1) TO PROGRAM 'true'", "SELECT pg_reload_conf()",
    ];

    [Fact]
    public async Task The_worker_s_role_may_do_nothing_that_a_running_worker_does_not_need()
    {
        await using var database = await servers.Migrated.CopyAsync();
        await using var connection = new NpgsqlConnection(Unpooled(database.WorkerConnectionString));
        await connection.OpenAsync(Token);

        var outcomes = new List<string>();
        foreach (var sql in Forbidden)
            outcomes.Add($"{await StateOfAsync(connection, sql)} {sql}");

        Assert.Equal(Forbidden.Select(sql => $"{PostgresErrorCodes.InsufficientPrivilege} {sql}"), outcomes);
        Assert.Equal("00000", await StateOfAsync(connection, "SELECT id, voice_id FROM business FOR NO KEY UPDATE"));
    }

    [Fact]
    public async Task Neither_role_can_become_the_other_or_a_superuser()
    {
        await using var database = await servers.Migrated.CopyAsync();

        Assert.Equal("", await database.ScalarAsync<string>("""
            SELECT COALESCE(string_agg(format('%s may become %s', one.rolname, other.rolname), '; '), '')
            FROM pg_roles AS one, pg_roles AS other
            WHERE one.rolname ~ '^voice_(migrator|worker)_' AND one.oid <> other.oid AND pg_has_role(one.oid, other.oid, 'MEMBER')
              AND (other.rolsuper OR other.rolcreaterole OR other.rolname ~ '^voice_(migrator|worker)_' OR one.rolname ~ '^voice_worker_')
            """));
    }

    [Fact]
    public async Task The_verbs_that_only_look_work_with_the_worker_s_role()
    {
        await using var database = await servers.Migrated.CopyAsync();
        var environment = RunningWorker.Connections(database.WorkerConnectionString, servers);

        foreach (string[] verb in new[]
        {
            ["verify"], ["status", "--json"], ["audit", "list"], ["audit", "show"], ["audit", "verify"], ["doctor"],
            ["audit", "replay", "--all", "--dry-run"], ["migrate", "--plan"], new[] { "migrate" },
        })
            Assert.Equal((verb[0], 0), (verb[0], (await RunAsync(environment, verb)).Code));
    }

    [Fact]
    public async Task A_migration_that_was_killed_before_its_event_gets_it_from_the_worker()
    {
        await using var database = await servers.Migrated.CopyAsync();
        await database.ExecuteAsync("DELETE FROM voice.outbox; UPDATE voice.migration_run SET completed_at = NULL");

        Assert.Equal(0, (await RunAsync(RunningWorker.Connections(database.WorkerConnectionString, servers), "migrate")).Code);

        Assert.Equal(nameof(SchemaMigrated), await database.ScalarAsync<string>("SELECT type FROM voice.outbox"));
    }

    [Fact]
    public async Task A_worker_role_without_rights_ends_the_start_with_3_and_the_file_that_has_them()
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.Postgres);
        var roles = await database.AddRolesAsync();
        await roles.MigrateAsync();

        var (code, output) = await RunAsync(RunningWorker.Connections(roles.WorkerConnectionString, servers), "run");

        Assert.Equal(3, code);
        Assert.Contains("permission denied for schema voice", output, StringComparison.Ordinal);
        Assert.Contains("docs/roles.sql", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    private static async Task<string> StateOfAsync(NpgsqlConnection connection, string sql)
    {
        await using var transaction = await connection.BeginTransactionAsync(Token);
        await using var command = new NpgsqlCommand(sql, connection);
        try
        {
            await command.ExecuteNonQueryAsync(Token);
            return PostgresErrorCodes.SuccessfulCompletion;
        }
        catch (PostgresException refused)
        {
            return refused.SqlState;
        }
    }

    private static async Task<(int Code, string Output)> RunAsync(Dictionary<string, string> environment, params string[] verb)
    {
        await using var worker = WorkerProcess.Start(WorkerProcess.Dll, environment, verb);
        var code = await worker.WaitForExitAsync(Token);
        return (code, string.Join('\n', worker.Output));
    }

    private static string Unpooled(string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString;

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
