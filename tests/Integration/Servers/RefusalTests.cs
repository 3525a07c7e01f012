using Npgsql;
using VoiceWorker.Infrastructure.Servers;
using VoiceWorker.Tests.Integration.Verbs;
using Xunit;

namespace VoiceWorker.Tests.Integration.Servers;

/// <summary>A server that answers and refuses is a matter of settings: 2 at once, and never "does not answer".</summary>
public sealed class RefusalTests(TestServers servers)
{
    [Theory]
    [InlineData("Password", "wr0ng", "28P01")]
    [FullRunData("Password", "", "No password has been provided")]
    [FullRunData("Username", "nobody", "28")]
    [InlineData("Database", "nothing", "3D000")]
    [FullRunData("SSL Mode", "Require", "SSL")]
    public async Task What_PostgreSQL_refuses_ends_with_2_and_its_reason(string keyword, string value, string reason)
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.PostgresItself);
        var wrong = new NpgsqlConnectionStringBuilder(database.ConnectionString) { [keyword] = value };

        foreach (var verb in new[] { "verify", "run", "status" })
            await AssertRefusedAsync(RunningWorker.Connections(wrong.ConnectionString, servers), verb, "PostgreSQL at ", reason);
    }

    [Theory]
    [InlineData("guest", "wr0ng", "", "AMQP 403")]
    [FullRunData("nobody", "wr0ng", "", "AMQP 403")]
    [InlineData(null, null, "nothing", "AMQP 530")]
    public async Task What_RabbitMQ_refuses_ends_with_2_and_its_reason(string? user, string? password, string vhost, string reason)
    {
        var database = await servers.Migrated.CopyAsync(1);
        await using var dropping = database;
        var uri = new UriBuilder(servers.AmqpUri) { Path = vhost };
        (uri.UserName, uri.Password) = user is null ? (uri.UserName, uri.Password) : (user, password!);
        var environment = RunningWorker.Connections(database.WorkerConnectionString, servers);
        environment["ConnectionStrings__RabbitMq"] = uri.Uri.ToString();

        foreach (var verb in new[] { "run", "status" })
            await AssertRefusedAsync(environment, verb, "RabbitMQ at ", reason.Split(' ')[^1] is "403" ? "refuses user and password" : reason);
    }

    [Fact]
    public async Task A_URI_leads_to_the_same_database()
    {
        await using var database = await servers.Migrated.CopyAsync(1);
        var given = new NpgsqlConnectionStringBuilder(database.WorkerConnectionString);
        var uri = $"postgresql://{given.Username}:{Uri.EscapeDataString(given.Password!)}@{given.Host}:{given.Port}/{given.Database}"
            + "?sslmode=prefer&connect_timeout=10&application_name=x&options=-c%20work_mem%3D8MB&target_session_attrs=primary";

        Assert.Equal((0, true), await VerifyAsync(uri));
        Assert.Equal((0, true), await VerifyAsync(database.WorkerConnectionString + ";Target Session Attributes=read-write"));

        async Task<(int, bool)> VerifyAsync(string postgres)
        {
            var (code, output) = await VerbUnderTest.RunAsync(RunningWorker.Connections(postgres, servers), "verify");
            return (code, output.Contains("The schema verifies", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_standby_is_refused_with_the_reason()
    {
        var token = TestContext.Current.CancellationToken;
        await using var standby = await LocalPostgres.LaunchAsync(new ServerOptions(), token);
        await using (var source = NpgsqlDataSource.Create(standby.ConnectionString + ";Pooling=false"))
        await using (var command = source.CreateCommand("SHOW data_directory"))
            await File.WriteAllTextAsync(Path.Combine((string)(await command.ExecuteScalarAsync(token))!, "standby.signal"), "", token);
        await standby.KillAsync(token);
        await standby.StartAsync(token);

        string[][] verbs = [["verify"], ["migrate"], ["status"], ["audit", "verify"], ["run", "--Boot:Timeout=00:00:01"]];
        foreach (var verb in verbs)
        {
            var (code, output) = await VerbUnderTest.RunAsync(RunningWorker.Connections(standby.ConnectionString, servers), verb);

            Assert.True(code == 7, $"{verb[0]} {code}: {output}");
            Assert.Contains("cannot be used: the server is a standby", output, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        }

        await AssertHostsAsync(standby);
    }

    [Fact]
    public async Task A_read_only_server_is_refused_with_the_reason()
    {
        await using var database = await servers.Migrated.CopyAsync(1);
        var name = new NpgsqlConnectionStringBuilder(database.ConnectionString).Database;
        await servers.Postgres.ExecuteAsync(
            $"ALTER DATABASE {name} SET default_transaction_read_only = on", TestContext.Current.CancellationToken);
        // A pooler may have sessions of before.
        await servers.Postgres.ExecuteAsync(
            $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",
            TestContext.Current.CancellationToken);

        foreach (var verb in new string[][] { ["verify"], ["migrate"], ["status"], ["run", "--Boot:Timeout=00:00:01"] })
        {
            var (code, output) = await VerbUnderTest.RunAsync(
                RunningWorker.Connections(database.ConnectionString, servers), verb);

            Assert.True(code == 7, $"{verb[0]} {code}: {output}");
            Assert.Contains(
                "cannot be used: the server is read-only; reset default_transaction_read_only", output,
                StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        }

        var overridden = database.ConnectionString + ";Options=-c default_transaction_read_only=off";
        Assert.Equal(0, (await VerbUnderTest.RunAsync(RunningWorker.Connections(overridden, servers), "verify")).Code);
    }

    // Npgsql passes over a standby in silence.
    private async Task AssertHostsAsync(LocalPostgres standby)
    {
        var one = new NpgsqlConnectionStringBuilder(standby.ConnectionString);
        var (address, dead) = ($"{one.Host}:{one.Port}", $"127.0.0.1:{FreePort.Next()}");

        Assert.Contains(
            "cannot be used: the server is a standby", await RefusedAsync($"{address},{address}"),
            StringComparison.Ordinal);
        var told = await RefusedAsync($"{address},{dead}");
        Assert.Contains($"PostgreSQL at {address}, {dead}, database ", told, StringComparison.Ordinal);
        Assert.Contains($"{address}: the server is a standby", told, StringComparison.Ordinal);
        Assert.Contains($"{dead}: connection refused", told, StringComparison.Ordinal);

        async Task<string> RefusedAsync(string hosts)
        {
            var several = new NpgsqlConnectionStringBuilder(one.ConnectionString) { Host = hosts };
            var (code, output) = await VerbUnderTest.RunAsync(
                RunningWorker.Connections(several.ConnectionString, servers), "verify");
            Assert.True(code == 7, output);
            return output;
        }
    }

    private static async Task AssertRefusedAsync(
        Dictionary<string, string> environment, string verb, string server, string reason)
    {
        var (code, output) = await VerbUnderTest.RunAsync(environment, verb);

        Assert.True(code == 2, $"{verb} {code}: {output}");
        Assert.Contains(server, output, StringComparison.Ordinal);
        Assert.Contains("refuses the worker: ", output, StringComparison.Ordinal);
        Assert.Contains(reason, output, StringComparison.Ordinal);
        Assert.DoesNotContain("does not answer", output, StringComparison.Ordinal);
        Assert.DoesNotContain("wr0ng", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }
}
