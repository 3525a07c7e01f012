using Npgsql;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Infrastructure.Servers;
using VoiceWorker.Tests.Integration.Verbs;
using Xunit;

namespace VoiceWorker.Tests.Integration.Servers;

/// <summary>PgBouncer in front: one session for one client is as good as none; one that gives a session to whoever comes
/// next gives its locks along, so that the worker does not start there.</summary>
public sealed class PoolerTests(TestServers servers)
{
    [Theory]
    [InlineData("transaction", "")]
    [FullRunData("transaction", "server_round_robin = 1")]
    [FullRunData("transaction", "ignore_startup_parameters = extra_float_digits, search_path, options")]
    [FullRunData("statement", "")]
    public async Task A_pooler_that_shares_sessions_is_refused_with_2_and_nothing_is_written(string mode, string more)
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.PostgresItself);
        await using var bouncer = await LaunchAsync(database, mode, more);

        var (code, output) = await DatabaseVerb.RunAsync(bouncer.ConnectionString, "migrate");

        Assert.True(code == 2, output);
        Assert.Contains("leads to a connection pooler such as PgBouncer that shares sessions", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'voice%'"));
        Assert.Equal(0, await database.AdvisoryLocksAsync());
    }

    [Theory]
    [InlineData("")]
    [FullRunData("server_round_robin = 1")]
    public async Task Through_session_mode_everything_goes_the_whole_way(string more)
    {
        var database = await LegacyDatabase.CreateAsync(servers.PostgresItself);
        await using var bouncer = await LaunchAsync(database, "session", more);
        Assert.Equal(5, (await DatabaseVerb.RunAsync(bouncer.ConnectionString, "verify")).Code);
        Assert.Equal(0, (await DatabaseVerb.RunAsync(bouncer.ConnectionString, "migrate")).Code);
        Assert.Equal(0, (await DatabaseVerb.RunAsync(bouncer.ConnectionString, "verify")).Code);
        await database.ExecuteAsync("UPDATE business SET voice_id = 'coral'");
        await using var worker = await RunningWorker.StartAsync(servers, database, bouncer.ConnectionString);
        var audit = await worker.Broker.BindAsync(Exchanges.VoiceAudit);

        var reply = await worker.Broker.AskAsync(Exchanges.CallStarted, Wire.Call("CA-1", 1));
        await worker.Broker.PublishAsync(
            Exchanges.BusinessVoiceChanged, """{"businessId":2,"voiceId":"sage","changedAt":"2026-01-31T12:00:00Z"}""");

        Assert.Equal("coral", reply.Field("voiceId"));
        var events = await BrokerClient.TakeAsync(audit, 4);
        Assert.Equal(
            ["BusinessVoiceUpdated", "CallVoiceResolved", "OperatorActed", "SchemaMigrated"],
            events.Select(e => e.Properties.Type!).Order(StringComparer.Ordinal));
        Assert.Equal("sage", await database.ScalarAsync<string>("SELECT voice_id FROM business WHERE id = 2"));
        await AssertOneLeaderListensAsync(database);
        var doctor = await VerbUnderTest.RunAsync(RunningWorker.Connections(bouncer.ConnectionString, servers), "doctor");
        Assert.Matches("ok +postgres.pooler", doctor.Output);
    }

    [Fact]
    public async Task A_session_that_was_read_only_does_not_come_again_from_a_pooler()
    {
        await using var database = await LegacyDatabase.CreateMigratedAsync(servers.PostgresItself, 1);
        var name = new NpgsqlConnectionStringBuilder(database.ConnectionString).Database;
        await servers.PostgresItself.ExecuteAsync(
            $"ALTER DATABASE {name} SET default_transaction_read_only = on", TestContext.Current.CancellationToken);
        await using var bouncer = await LaunchAsync(database, "session", "");
        var refused = await DatabaseVerb.RunAsync(bouncer.ConnectionString, "verify");
        await servers.PostgresItself.ExecuteAsync(
            $"ALTER DATABASE {name} RESET default_transaction_read_only", TestContext.Current.CancellationToken);

        Assert.True(refused.Code == 7, refused.Output);
        Assert.Contains("cannot be used: the server is read-only", refused.Output, StringComparison.Ordinal);
        // Of those that the pooler has each try ends one.
        var told = "";
        var isBack = await Polling.UntilAsync(
            async _ =>
            {
                (var code, told) = await DatabaseVerb.RunAsync(bouncer.ConnectionString, "verify");
                return code == 0;
            },
            Waits.Longest, TestContext.Current.CancellationToken);
        Assert.True(isBack, told);
    }

    [FullRun]
    [Fact]
    public async Task Behind_session_mode_a_second_worker_takes_over_when_the_leader_ends()
    {
        var database = await servers.Migrated.CopyAsync(3);
        await using var bouncer = await LaunchAsync(database, "session", "", database.WorkerConnectionString);
        await using var second = await RunningWorker.StartAsync(servers, database, bouncer.ConnectionString);
        await using (var first = WorkerProcessBeside(bouncer.ConnectionString))
        {
            await first.WaitReadyAsync(TestContext.Current.CancellationToken);
            await AssertOneLeaderListensAsync(database);
            await second.Process.TerminateAsync(TestContext.Current.CancellationToken);
            Assert.True(await VoiceWorker.Infrastructure.Processes.Polling.UntilAsync(
                _ => Task.FromResult(first.Output.Any(line => line.Contains("relays audit events", StringComparison.Ordinal))),
                Waits.Longest, TestContext.Current.CancellationToken));
        }
    }

    private VoiceWorker.Infrastructure.Processes.WorkerProcess WorkerProcessBeside(string postgres) =>
        VoiceWorker.Infrastructure.Processes.WorkerProcess.Start(
            VoiceWorker.Infrastructure.Processes.WorkerProcess.Dll, RunningWorker.Connections(postgres, servers), ["run"]);

    // The lock of the leader belongs to one session of the server, and so does its LISTEN.
    private static async Task AssertOneLeaderListensAsync(LegacyDatabase database) => Assert.Equal(1, await database.ScalarAsync<long>(
        """
        SELECT count(DISTINCT pid) FROM pg_locks JOIN pg_stat_activity USING (pid)
        WHERE locktype = 'advisory' AND granted AND application_name = 'voice-worker relay' AND datname = current_database()
        """));

    private static Task<LocalPgBouncer> LaunchAsync(
        LegacyDatabase database, string mode, string more, string? behind = null) => LocalPgBouncer.LaunchAsync(
        behind ?? database.ConnectionString, mode, new ServerOptions(), TestContext.Current.CancellationToken, more);
}
