using System.Text.Json.Nodes;
using Npgsql;
using RabbitMQ.Client;
using VoiceWorker.Servers;
using Xunit;

namespace VoiceWorker.Tests.Integration.Verbs.Doctor;

/// <summary>What keeps a worker from working is found, and what to do about it is said.</summary>
public sealed class DoctorTests(TestServers servers)
{
    [Fact]
    public async Task Beside_a_running_worker_nothing_is_an_error()
    {
        await using var worker = await RunningWorker.StartAsync(servers);

        var (code, json) = await VerbUnderTest.ReadAsync(servers, worker.Database, "doctor");

        Assert.True(code == 0, json.ToJsonString());
        Assert.Equal(0, (int)json["errors"]!);
        foreach (var check in new[] { "postgres.connection", "postgres.pooler", "postgres.version", "postgres.rights.run", "postgres.schema", "rabbitMq.version", "rabbitMq.topology" })
            Assert.All(Of(json, check), finding => Assert.Equal("ok", (string?)finding["level"]));
        Assert.Contains(Of(json, "rabbitMq.topology"), finding =>
            (string?)finding["text"] == "queue voice-worker.call-started: as declared, 0 messages, 1 consumers");
    }

    [Fact]
    public async Task A_right_that_is_missing_is_named()
    {
        await using var database = await servers.Migrated.CopyAsync();
        var worker = new NpgsqlConnectionStringBuilder(database.WorkerConnectionString).Username;
        await database.ExecuteAsync($"REVOKE INSERT ON voice.outbox FROM {worker}; REVOKE UPDATE (voice_id) ON business FROM {worker}");

        var (code, json) = await VerbUnderTest.ReadAsync(servers, database, "doctor");

        Assert.Equal(10, code);
        var finding = Assert.Single(Of(json, "postgres.rights.run"));
        Assert.Equal(
            ("error", "the role lacks UPDATE on public.business.voice_id, INSERT on voice.outbox"), ((string?)finding["level"], (string?)finding["text"]));
        Assert.StartsWith(
            $"GRANT UPDATE (voice_id) ON public.business TO {worker}; GRANT INSERT ON voice.outbox TO {worker} — or run docs/roles.sql",
            (string?)finding["remedy"], StringComparison.Ordinal);
        foreach (var grant in ((string)finding["remedy"]!).Split(" — ")[0].Split("; "))
            await database.ExecuteAsync(grant);
        Assert.Equal("ok", (string?)Assert.Single(Of((await VerbUnderTest.ReadAsync(servers, database, "doctor")).Json, "postgres.rights.run"))["level"]);
    }

    [Theory]
    [InlineData("EXECUTE", "FUNCTION voice.remove_events")]
    [FullRunData("EXECUTE", "FUNCTION voice.record_direct_change")]
    [InlineData("INSERT", "voice.outbox")]
    [FullRunData("DELETE", "voice_audit.mt_events")]
    [InlineData("INSERT (event_id)", "voice.outbox")]
    public async Task Another_role_that_may_write_the_trail_is_named_with_the_revoke(string right, string on)
    {
        await using var database = await servers.Migrated.CopyAsync();
        await Direct.Application.MigrateAsync(database);
        await database.AllowRetentionAsync();
        foreach (var role in new[] { database.WorkerConnectionString, database.MigratorConnectionString })
            Assert.Equal("ok", (string?)Assert.Single(await OthersAsync(role))["level"]);
        await database.ExecuteAsync($"GRANT {right} ON {on} TO pg_monitor; GRANT SELECT ON voice.outbox TO pg_monitor");

        var finding = Assert.Single(await OthersAsync(database.WorkerConnectionString));

        Assert.Equal(
            ("warning", $"other roles may write here: pg_monitor has {right} on {on.Replace("FUNCTION ", "", StringComparison.Ordinal)}"),
            ((string?)finding["level"], (string?)finding["text"]));
        Assert.StartsWith($"REVOKE {right} ON {on} FROM pg_monitor", (string?)finding["remedy"], StringComparison.Ordinal);
        await database.ExecuteAsync(((string)finding["remedy"]!).Split(" — ")[0]);
        Assert.Equal("ok", (string?)Assert.Single(await OthersAsync(database.WorkerConnectionString))["level"]);
    }

    [Theory]
    [InlineData("CREATE PUBLICATION site FOR TABLE business", "warning", "subscribers", "ADD COLUMN voice_id")]
    [InlineData(
        "ALTER TABLE business ADD voice_id varchar(32), REPLICA IDENTITY NOTHING; "
            + "CREATE PUBLICATION site FOR ALL TABLES",
        "error", "REPLICA IDENTITY", "REPLICA IDENTITY")]
    [InlineData("ALTER TABLE business ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY", "error",
        "Row level security", "CREATE POLICY")]
    [InlineData("ALTER TABLE business ADD voice_id varchar(32) GENERATED ALWAYS AS ('ash') STORED", "error",
        "generated", "")]
    public async Task What_the_application_has_put_in_the_way_is_a_finding_with_its_cure(
        string sql, string level, string text, string remedy)
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.Postgres);
        var roles = await database.AddRolesAsync();
        await database.ExecuteAsync(sql);

        var (_, json) = await VerbUnderTest.ReadAsync(
            RunningWorker.Connections(roles.MigratorConnectionString, servers), "doctor");

        Assert.True(json["findings"]!.AsArray().Any(finding => (string?)finding!["level"] == level
            && ((string)finding["text"]!).Contains(text, StringComparison.OrdinalIgnoreCase)
            && ((string)finding["remedy"]!).Contains(remedy, StringComparison.Ordinal)), json.ToJsonString());
    }

    [Theory]
    [InlineData("REVOKE USAGE ON SCHEMA voice FROM {0}", "postgres.schema", "GRANT USAGE ON SCHEMA voice TO {0}")]
    [FullRunData("REVOKE SELECT ON voice.schema_history FROM {0}", "postgres.rights.migrate", "GRANT SELECT ON voice.schema_history TO {0}")]
    [FullRunData("REVOKE SELECT ON pg_settings FROM PUBLIC", "postgres.server", "grant the role what is refused here")]
    public async Task A_right_that_an_examination_needs_is_a_finding_with_what_gives_it(string revoke, string check, string grant)
    {
        await using var database = await LegacyDatabase.CreateMigratedAsync(servers.Postgres);
        var worker = new NpgsqlConnectionStringBuilder(database.WorkerConnectionString).Username;
        await database.ExecuteAsync(revoke.Replace("{0}", worker, StringComparison.Ordinal));

        var (code, json) = await VerbUnderTest.ReadAsync(servers, database, "doctor");

        Assert.Equal(10, code);
        var finding = Assert.Single(Of(json, check));
        Assert.StartsWith("SQLSTATE 42501: permission denied for ", (string?)finding["text"], StringComparison.Ordinal);
        Assert.StartsWith(grant.Replace("{0}", worker, StringComparison.Ordinal), (string?)finding["remedy"], StringComparison.Ordinal);
        Assert.NotEmpty(Of(json, "rabbitMq.version"));
    }

    [Fact]
    public async Task A_role_that_may_not_connect_is_told_so()
    {
        // PgBouncer 1.18 says of it only that a login fails.
        await using var database = await LegacyDatabase.CreateMigratedAsync(servers.PostgresItself);
        var given = new NpgsqlConnectionStringBuilder(database.WorkerConnectionString);
        await database.ExecuteAsync($"REVOKE CONNECT ON DATABASE {given.Database} FROM PUBLIC, {given.Username}");

        var (_, json) = await VerbUnderTest.ReadAsync(servers, database, "doctor");

        Assert.Equal(
            $"GRANT CONNECT ON DATABASE {given.Database} TO {given.Username}", (string?)Assert.Single(Of(json, "postgres.connection"))["remedy"]);
    }

    [Fact]
    public async Task A_database_that_was_never_migrated_is_told_with_who_may_migrate_it()
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.Postgres);
        var roles = await database.AddRolesAsync();

        var (code, output) = await VerbUnderTest.RunAsync(RunningWorker.Connections(roles.WorkerConnectionString, servers), "doctor");

        Assert.Equal(10, code);
        Assert.Matches("error +postgres.rights.migrate +.* → run migrate as voice_migrator", output);
        Assert.Matches("warning +postgres.schema +pending: create the worker's own schema", output);
    }

    [Fact]
    public async Task A_queue_with_other_arguments_is_found_and_left_as_it_is_and_none_is_made()
    {
        await using var database = await servers.Migrated.CopyAsync();
        await using var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);
        await broker.AmqpChannel.QueueDeclareAsync(
            InputQueue.CallStarted.Name, durable: true, exclusive: false, autoDelete: false, InputQueue.CallStarted.Arguments(7),
            cancellationToken: TestContext.Current.CancellationToken);

        var (code, output) = await VerbUnderTest.RunAsync(servers, database, "doctor");
        await broker.AmqpChannel.QueueDeleteAsync(InputQueue.CallStarted.Name, cancellationToken: TestContext.Current.CancellationToken);
        var (_, again) = await VerbUnderTest.RunAsync(servers, database, "doctor");

        Assert.Equal(10, code);
        Assert.Matches("error +rabbitMq.topology +queue voice-worker.call-started: .*x-delivery-limit.* → .*Bus:DeliveryLimit", output);
        Assert.Matches("warning +rabbitMq.topology +[0-9]+ do not exist: .*queue voice-worker.call-started_dead", output);
        Assert.Matches("warning +rabbitMq.topology +[0-9]+ do not exist: .*queue voice-worker.call-started,", again);
    }

    [Fact]
    public async Task Servers_that_are_not_there_are_two_findings_and_no_secret()
    {
        var nowhere = new Dictionary<string, string>
        {
            ["ConnectionStrings__Postgres"] = "Host=127.0.0.1;Port=1;Database=app;Username=worker;Password=s3cr3t",
            ["ConnectionStrings__RabbitMq"] = "amqp://guest:s3cr3t@127.0.0.1:1/",
        };

        var (code, output) = await VerbUnderTest.RunAsync(nowhere, "doctor");

        Assert.Equal(10, code);
        Assert.Matches("error +postgres.connection +PostgreSQL at 127.0.0.1:1, database app does not answer", output);
        Assert.Matches("error +rabbitMq.connection +RabbitMQ at 127.0.0.1:1 does not answer", output);
        Assert.EndsWith("2 errors, 0 warnings", output, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr3t", output, StringComparison.Ordinal);
    }

    private async Task<IEnumerable<JsonNode>> OthersAsync(string postgres) => Of(
        (await VerbUnderTest.ReadAsync(RunningWorker.Connections(postgres, servers), "doctor", "--Changes:Direct=Capture")).Json,
        "postgres.rights.others");

    private static IEnumerable<JsonNode> Of(JsonNode json, string check) =>
        json["findings"]!.AsArray().Where(finding => (string?)finding!["check"] == check).Select(finding => finding!);
}
