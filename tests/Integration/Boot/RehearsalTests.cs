using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Tests.Integration.Servers;
using VoiceWorker.Tests.Integration.Verbs;
using Xunit;

namespace VoiceWorker.Tests.Integration.Boot;

/// <summary>A rehearsal that a server holds up: it is stopped, and the worker starts without it.</summary>
public sealed class RehearsalTests(TestServers servers)
{
    private const string Told = "The rehearsal failed, so the first calls take longer: it was not done within 10 s";

    [Fact]
    [FullRun]
    public async Task One_that_waits_for_a_lock_is_stopped_with_its_statement_and_queue()
    {
        var database = await servers.Migrated.CopyAsync(businesses: 10);
        await using var holder = await database.OpenAsync();
        await using var transaction = await holder.BeginTransactionAsync(Token);
        // Readers pass; the first row that is to be written waits.
        await using (var held = holder.CreateCommand())
        {
            held.CommandText = "LOCK TABLE voice.call_voice IN EXCLUSIVE MODE";
            await held.ExecuteNonQueryAsync(Token);
        }

        await using var worker = await RunningWorker.StartAsync(
            servers, database, database.WorkerConnectionString, "--Audit:Unrouted=Skip");

        Assert.Contains(worker.Process.Output, line => line.Contains(Told, StringComparison.Ordinal));
        Assert.True(await UntilAsync(async () => await database.ScalarAsync<long>("""
            SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
            """) == 0), "its statement still waits");
        await AssertGoneAsync();
        await transaction.RollbackAsync(Token);
        await AssertAnswersAsync(worker);
    }

    [Fact]
    [FullRun]
    public async Task One_whose_queue_is_refused_for_ever_is_stopped_and_asks_no_more()
    {
        await using var database = await servers.Migrated.CopyAsync(businesses: 10);
        await using var user = await BrokerUser.AddAsync(servers, "^(?!voice-worker.rehearsal).*", ".*", ".*");

        await using var worker = WorkerProcess.Start(
            WorkerProcess.Dll, user.EnvironmentOn(database), ["run", "--Audit:Unrouted=Skip"]);
        await worker.WaitReadyAsync(Token);

        Assert.Contains(worker.Output, line => line.Contains(Told, StringComparison.Ordinal));
        Assert.All(worker.Output, line => Assert.DoesNotMatch(OperatorWordsTests.OfNet(), line));
        await AssertGoneAsync();
    }

    // One connection of a bus is left, that of the worker, and no queue of the rehearsal.
    private async Task AssertGoneAsync()
    {
        Assert.True(await UntilAsync(async () => (await ConnectionsAsync()).Count == 1), "its bus is still connected");
        var before = await ConnectionsAsync();
        var queues = await servers.RabbitMq.ControlAsync(
            ["list_queues", "-q", "-p", servers.VirtualHost, "name"], Token);
        Assert.DoesNotContain("rehearsal", queues, StringComparison.Ordinal);
        Assert.Equal(before, await ConnectionsAsync());
    }

    private async Task<IReadOnlyList<string>> ConnectionsAsync()
    {
        var lines = await servers.RabbitMq.ControlAsync(
            ["list_connections", "-q", "vhost", "pid", "client_properties"], Token);
        return [.. lines.Split('\n').Where(line => line.StartsWith(servers.VirtualHost + "\t", StringComparison.Ordinal)
            && line.Contains("voice-worker bus", StringComparison.Ordinal))];
    }

    private static async Task AssertAnswersAsync(RunningWorker worker) => Assert.Equal(
        "CA-1", (await worker.Broker.AskAsync(Exchanges.CallStarted, Wire.Call("CA-1", 1))).Field("callId"));

    private static Task<bool> UntilAsync(Func<Task<bool>> holds) =>
        Polling.UntilAsync(_ => holds(), TimeSpan.FromMinutes(2), Token);

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
