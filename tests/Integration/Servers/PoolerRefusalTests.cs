using Npgsql;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Infrastructure.Servers;
using VoiceWorker.Tests.Integration.Schema;
using VoiceWorker.Tests.Integration.Verbs;
using Xunit;

namespace VoiceWorker.Tests.Integration.Servers;

/// <summary>PgBouncer has one SQLSTATE for all that it says: a refusal ends with 2, an outage with 7, with its
/// words.</summary>
public sealed class PoolerRefusalTests(TestServers servers)
{
    [Theory]
    [InlineData("Password", "wr0ng", "SASL authentication failed")]
    [InlineData("Username", "nobody", "SASL authentication failed")]
    [FullRunData("Database", "nothing", "database \"nothing\" does not exist")]
    [InlineData("Options", "endpoint=x", "startup parameter")]
    [FullRunData("SSL Mode", "Require", "SSL")]
    public async Task What_a_pooler_refuses_ends_with_2_and_its_reason(string keyword, string value, string reason)
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.PostgresItself);
        await using var bouncer = await LaunchAsync(database.ConnectionString);
        var wrong = new NpgsqlConnectionStringBuilder(bouncer.ConnectionString) { [keyword] = value };

        foreach (var verb in new[] { "verify", "run", "status" })
        {
            var (code, output) = await RunAsync(wrong.ConnectionString, verb);

            Assert.True(code == 2, $"{verb} {code}: {output}");
            Assert.Contains("refuses the worker: ", output, StringComparison.Ordinal);
            Assert.Contains(reason, output, StringComparison.Ordinal);
            AssertFit(output);
        }
    }

    [FullRun]
    [Fact]
    public async Task A_password_that_the_server_refuses_to_the_pooler_ends_with_2()
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.PostgresItself);
        // PgBouncer takes the password that the server does not take any more.
        await using var role = await LimitedRole.CreateAsync(database);
        await using var bouncer = await LaunchAsync(database.ConnectionString, "", role.ConnectionString);
        await database.ExecuteAsync(
            $"ALTER ROLE {new NpgsqlConnectionStringBuilder(role.ConnectionString).Username} PASSWORD 'another'");

        // The second time PgBouncer may answer by itself with what it heard.
        foreach (var verb in new[] { "verify", "run", "verify" })
        {
            var (code, output) = await RunAsync(bouncer.Through(role.ConnectionString), verb);

            Assert.True(code == 2, $"{verb} {code}: {output}");
            Assert.Contains("password authentication failed for user", output, StringComparison.Ordinal);
            AssertFit(output);
        }
    }

    [FullRun]
    [Theory]
    [InlineData("max_client_conn = 1", "no more connections allowed (max_client_conn)")]
    [InlineData("default_pool_size = 1", "query_wait_timeout")]
    public async Task A_pooler_that_has_no_session_left_is_an_outage(string limit, string reason)
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.PostgresItself);
        await using var bouncer = await LaunchAsync(database.ConnectionString, limit);
        await using var taken = new NpgsqlConnection(bouncer.ConnectionString + ";Pooling=false");
        await taken.OpenAsync(TestContext.Current.CancellationToken);

        foreach (var verb in new string[][] { ["verify"], ["run", "--Boot:Timeout=00:00:01"], ["status"] })
        {
            var (code, output) = await RunAsync(bouncer.ConnectionString, verb);

            Assert.True(code == 7, $"{verb[0]} {code}: {output}");
            Assert.Contains("cannot be used: ", output, StringComparison.Ordinal);
            Assert.Contains(reason, output, StringComparison.Ordinal);
            AssertFit(output);
        }
    }

    [FullRun]
    [Fact]
    public async Task A_server_that_is_away_behind_its_pooler_is_an_outage_until_it_is_back()
    {
        var token = TestContext.Current.CancellationToken;
        await using var postgres = await LocalPostgres.LaunchAsync(new ServerOptions(), token);
        await using var bouncer = await LaunchAsync(postgres.ConnectionString);
        await postgres.KillAsync(token);

        foreach (var verb in new string[][] { ["verify"], ["run", "--Boot:Timeout=00:00:01"] })
        {
            var (code, output) = await RunAsync(bouncer.ConnectionString, verb);

            Assert.True(code == 7, $"{verb[0]} {code}: {output}");
            Assert.Contains("08P01", output, StringComparison.Ordinal);
            AssertFit(output);
        }

        await postgres.StartAsync(token);
        Assert.True(await Polling.UntilAsync(
            async _ => (await RunAsync(bouncer.ConnectionString, "verify")).Code == 5, Waits.Longest, token));
    }

    private Task<(int Code, string Output)> RunAsync(string postgres, params string[] verb) =>
        VerbUnderTest.RunAsync(RunningWorker.Connections(postgres, servers), verb);

    private static void AssertFit(string output)
    {
        Assert.DoesNotContain("does not answer", output, StringComparison.Ordinal);
        Assert.DoesNotContain("shares sessions", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", output, StringComparison.Ordinal);
        Assert.DoesNotContain("wr0ng", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    // One that tells what it waits for in vain before the worker's own patience ends.
    private static Task<LocalPgBouncer> LaunchAsync(string behind, string more = "", params string[] others) =>
        LocalPgBouncer.LaunchAsync(
            behind, "session", new ServerOptions(), TestContext.Current.CancellationToken,
            $"query_wait_timeout = 3\nserver_login_retry = 1\n{more}", others);
}
