using Npgsql;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Infrastructure.Servers;
using Xunit;

namespace VoiceWorker.Tests.Integration.Servers;

/// <summary>Sessions that can no longer write, and commits that only one server has.</summary>
public sealed class CommitTests(TestServers servers)
{
    [FullRun]
    [Fact]
    public async Task Sessions_that_are_read_only_are_not_used_again()
    {
        // The metrics of a process are those of all its workers.
        await using var worker = await RunningWorker.StartProcessAsync(servers);
        using var http = new HttpClient { BaseAddress = worker.Process.Http };
        var name = new NpgsqlConnectionStringBuilder(worker.Database.ConnectionString).Database;
        await servers.Postgres.ExecuteAsync($"ALTER DATABASE {name} SET default_transaction_read_only = on", Token);
        await worker.Database.ScalarAsync<bool>(
            "SELECT bool_or(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");

        await worker.Broker.PublishAsync(Exchanges.CallStarted, Wire.Call("CA-1", 1), BrokerClient.DirectReply);
        Assert.True(await Polling.UntilAsync(
            async token => (await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), token))
                .Contains("\"25006\"", StringComparison.Ordinal), Waits.Longest, Token));
        await servers.Postgres.ExecuteAsync($"ALTER DATABASE {name} RESET default_transaction_read_only", Token);

        Assert.Equal("businessVoice", (await worker.Broker.NextReplyAsync()).Field("reason"));
        Assert.Single(await worker.Audit.OfBusinessAsync(1, 1));
    }

    [Fact]
    public async Task A_commit_without_its_synchronous_standby_is_not_answered_until_it_is_confirmed()
    {
        // A server of its own: every commit on it waits for the standby.
        await using var postgres = await LocalPostgres.LaunchAsync(new ServerOptions(), Token);
        var database = await LegacyDatabase.CreateMigratedAsync(postgres);
        await using var worker = await RunningWorker.StartAsync(
            servers, database, database.WorkerConnectionString + ";Command Timeout=2", "--Replies:Deadline=00:01:00");
        var audit = await worker.Broker.BindAsync(Exchanges.VoiceAudit);
        Assert.Equal("SchemaMigrated", (await BrokerClient.TakeAsync(audit, 1))[0].Properties.Type);
        await postgres.ExecuteAsync("ALTER SYSTEM SET synchronous_standby_names = 'nobody'", Token);
        await postgres.ExecuteAsync("SELECT pg_reload_conf()", Token);
        await worker.Broker.PublishAsync(Exchanges.CallStarted, Wire.Call("CA-1", 1), BrokerClient.DirectReply);

        Assert.True(await Polling.UntilAsync(
            _ => Task.FromResult(worker.Process.Output.Any(
                line => line.Contains("no synchronous standby has confirmed", StringComparison.Ordinal))), Waits.Longest, Token));
        Assert.Equal(1, await CountAsync(database));
        // The attempt that finds it recorded waits as well.
        Assert.True(await Polling.UntilAsync(
            async _ => await database.ScalarAsync<bool>(
                "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND query LIKE '%pg_logical_emit_message%')"),
            Waits.Longest, Token));

        // Nor is its event published, which the relay has sequenced and committed here.
        Assert.True(await Polling.UntilAsync(
            async _ => await database.ScalarAsync<bool>(
                "SELECT EXISTS (SELECT FROM voice_audit.mt_events WHERE data ->> 'callId' = 'CA-1')"),
            Waits.Longest, Token));
        Assert.True(await Polling.UntilAsync(
            _ => Task.FromResult(worker.Process.Output.Any(line =>
                line.Contains("The relay lost its round", StringComparison.Ordinal)
                && line.Contains("no synchronous standby has confirmed", StringComparison.Ordinal))), Waits.Longest, Token));
        Assert.False(audit.TryRead(out var early), early?.Properties.Type);

        await postgres.ExecuteAsync("ALTER SYSTEM RESET synchronous_standby_names", Token);
        await postgres.ExecuteAsync("SELECT pg_reload_conf()", Token);
        Assert.Equal("CA-1", (await worker.Broker.NextReplyAsync()).Field("callId"));
        Assert.Equal("CallVoiceResolved", (await BrokerClient.TakeAsync(audit, 1))[0].Properties.Type);
        Assert.Equal(1, await CountAsync(database));
    }

    private static Task<long> CountAsync(LegacyDatabase database) =>
        database.ScalarAsync<long>("SELECT count(*) FROM voice.call_voice WHERE call_id = 'CA-1'");

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
