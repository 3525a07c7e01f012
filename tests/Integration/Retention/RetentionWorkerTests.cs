using Npgsql;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.Integration.Retention;

/// <summary>Workers that remove what is too old while they work.</summary>
public sealed class RetentionWorkerTests(TestServers servers)
{
    private const int Calls = 20_000;
    private static readonly string[] Settings =
        ["--Retention:Decisions=2.00:00:00", "--Retention:Audit=4.00:00:00", "--Retention:Interval=00:00:01"];

    [FullRun]
    [Fact]
    public async Task Killed_within_a_batch_a_worker_loses_nothing_else_and_its_successor_goes_on()
    {
        var database = await PastAsync();
        // Somebody who looks at a call in the middle of what is too old keeps the batch with it waiting.
        await using var looking = await database.OpenAsync();
        await using var transaction = await looking.BeginTransactionAsync(Token);
        await using var look = new NpgsqlCommand(
            $"SELECT FROM voice.call_voice WHERE call_id = '{RecordedPast.CallId(5_000)}' FOR UPDATE", looking);
        await look.ExecuteNonQueryAsync(Token);
        await using var worker = await RunningWorker.StartProcessAsync(
            servers, database, database.WorkerConnectionString, Settings);

        await KillInTheMiddleAsync(worker);

        Assert.InRange(await database.ScalarAsync<long>("SELECT removed_rows FROM voice.retention WHERE store = 'decisions'"), 1_000, 4_999);
        Assert.Equal("", await RetentionTests.DifferencesAsync(database));
        await transaction.RollbackAsync(Token);
        await using var successor = WorkerLauncher.Start(
            RunningWorker.Connections(database.WorkerConnectionString, servers), ["run", .. Settings]);
        await successor.WaitReadyAsync(Token);

        Assert.True(await Polling.UntilAsync(
            _ => database.ScalarAsync<bool>("SELECT count(*) BETWEEN 7900 AND 8100 FROM voice_audit.mt_events"), Waits.Longest, Token));
        Assert.Equal("", await RetentionTests.DifferencesAsync(database));
        Assert.InRange(await database.ScalarAsync<long>("SELECT count(*) FROM voice.call_voice"), 3_900, 4_100);
        await AssertRepeatsAsync(worker);
    }

    [Fact]
    public async Task A_role_that_may_not_remove_ends_the_start_with_3_and_the_right_that_it_lacks()
    {
        await using var database = await servers.Migrated.CopyAsync();
        await using var worker = WorkerLauncher.Start(
            RunningWorker.Connections(database.WorkerConnectionString, servers), ["run", .. Settings]);

        Assert.Equal(3, await worker.WaitForExitAsync(Token));
        Assert.Contains(worker.Output, line => line.StartsWith("GRANT EXECUTE ON FUNCTION voice.remove_decisions, voice.remove_events TO ", StringComparison.Ordinal));
    }

    private async Task<LegacyDatabase> PastAsync()
    {
        var database = await servers.Migrated.CopyAsync(RecordedPast.Businesses);
        await database.AllowRetentionAsync();
        await RecordedPast.AddCallsAsync(database, Calls, days: 10);
        await database.ExecuteAsync("UPDATE business SET voice_id = 'coral'; DELETE FROM voice.outbox");
        return database;
    }

    private static async Task KillInTheMiddleAsync(RunningWorker worker)
    {
        const string isWaiting = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%remove_decisions%')";
        Assert.True(await Polling.UntilAsync(_ => worker.Database.ScalarAsync<bool>(isWaiting), Waits.Longest, Token));
        worker.Kill();
        await worker.Process.WaitForExitAsync(Token);
    }

    private static async Task AssertRepeatsAsync(RunningWorker worker)
    {
        var audit = await worker.Broker.BindAsync(Exchanges.VoiceAudit);

        Assert.Equal("ash", (await AskAsync(worker, Calls)).Field("voiceId"));
        Assert.Equal("coral", (await AskAsync(worker, 1)).Field("voiceId"));
        var decidedAnew = (await BrokerClient.TakeAsync(audit, 1))[0];
        Assert.Equal(($"{(Calls / RecordedPast.Businesses) + 1}", "coral"), (decidedAnew.Field("sequence"), decidedAnew.Field("voiceId")));
    }

    private static Task<Delivery> AskAsync(RunningWorker worker, int call) => worker.Broker.AskAsync(Exchanges.CallStarted, $$"""
        {"callId":"{{RecordedPast.CallId(call)}}","businessId":{{(call % RecordedPast.Businesses) + 1}},"startedAt":"2026-01-31T09:30:00Z"}
        """);

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
