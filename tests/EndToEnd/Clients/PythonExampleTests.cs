using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Tests.EndToEnd.Examples;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Clients;

/// <summary>The examples of the Python client beside a worker.</summary>
[FullRun]
public sealed class PythonExampleTests(PythonWheel wheel, TestServers servers) : IClassFixture<PythonWheel>
{
    private const string ByCelery = """
        import celery_app
        print(celery_app.change_voice.delay(7, "sage", "anna").get(timeout=60)["outcome"])
        print(celery_app.voice_for.delay(7, "CA-celery").get(timeout=60))
        """;

    // Once the transaction is committed and before anything could be sent.
    private const string KilledBehindItsCommit = """
        import os, signal
        from sqlalchemy import create_engine
        from outbox_app import change, outbox
        engine = create_engine(os.environ["DATABASE_URL"])
        outbox.table.create(engine, checkfirst=True)
        change(engine, 42, "sage", "user:7")
        os.kill(os.getpid(), signal.SIGKILL)
        """;

    private const int Killed = 128 + 9;

    [Fact]
    public async Task Tasks_of_Celery_change_a_voice_and_ask_for_it()
    {
        await using var worker = await RunningWorker.StartAsync(servers);
        await using var celery = ExampleProcess.Start(
            [.. InExamples(), wheel.Python, "-m", "celery", "--app", "celery_app", "worker", "--concurrency", "2", "--loglevel", "INFO"],
            Environment(worker));

        var said = await Command.RunAsync(
            ["env", $"AMQP_URL={servers.AmqpUri}", .. InExamples(), wheel.Python, "-c", ByCelery], Token);

        Assert.Equal("updated\n{'voiceId': 'sage', 'source': 'business', 'reason': 'businessVoice'}", said.Trim());
    }

    [Fact]
    public async Task A_change_that_was_committed_before_a_kill_is_made_and_told_once()
    {
        await using var worker = await RunningWorker.StartAsync(servers);
        await using (var killed = ExampleProcess.Start([.. InExamples(), wheel.Python, "-c", KilledBehindItsCommit], Environment(worker)))
            Assert.Equal(Killed, await killed.EndsAsync());
        Assert.Equal("sage", await worker.Database.ScalarAsync<string>("SELECT voice_id FROM business WHERE id = 42"));
        Assert.Equal(1, await worker.Database.ScalarAsync<long>("SELECT count(*) FROM voice_outbox"));

        await using var first = ExampleProcess.Start(Outbox("send"), Environment(worker));
        await EmptyAsync(worker);
        await first.KillAsync();
        await using (var change = ExampleProcess.Start([.. Outbox("change"), "42", "marin"], Environment(worker)))
            await change.EndsWellAsync();
        await using var second = ExampleProcess.Start(Outbox("send"), Environment(worker));
        await EmptyAsync(worker);
        Assert.Equal(0, await second.TerminateAsync());

        var events = await worker.Audit.OfBusinessAsync(42, 2);
        Assert.Equal(
            [("BusinessVoiceUpdated", "sage"), ("BusinessVoiceUpdated", "marin")],
            events.Select(one => (one.Properties.Type!, one.Field("voiceId"))));
        Assert.Equal("user:7", events[0].Field("changedBy"));
    }

    [Fact]
    public async Task A_ledger_in_the_consumers_database_has_each_call_once_and_no_gap()
    {
        await using var worker = await RunningWorker.StartAsync(servers);
        var environment = Environment(worker);
        await using var first = ExampleProcess.Start(Audit(), environment);
        await first.SaysAsync("INFO:voice_worker_client.audit.consumer:Consuming");
        await worker.Broker.AskAsync(Contracts.Exchanges.CallStarted, Wire.Call("CA-1", 42));
        await CountAsync(worker, 1);
        await first.KillAsync();
        await worker.Broker.AskAsync(Contracts.Exchanges.CallStarted, Wire.Call("CA-2", 42));
        await using var second = ExampleProcess.Start(Audit(), environment);
        await CountAsync(worker, 2);
        Assert.Equal(0, await second.TerminateAsync());

        // The event of the migration was there before the queue.
        await using var gaps = ExampleProcess.Start([.. Audit(), "--gaps"], environment);
        await gaps.EndsWellAsync();
    }

    private static Task CountAsync(RunningWorker worker, int calls) => UntilAsync(worker, "SELECT count(*) FROM voice_of_call", calls);

    private static Task EmptyAsync(RunningWorker worker) => UntilAsync(worker, "SELECT count(*) FROM voice_outbox", 0);

    private static async Task UntilAsync(RunningWorker worker, string count, long expected) => Assert.True(
        await Polling.UntilAsync(async _ => await worker.Database.ScalarAsync<long>(count) == expected, Waits.Longest, Token));

    private string[] Outbox(string verb) => [.. InExamples(), wheel.Python, "outbox_app.py", verb];

    private string[] Audit() => [.. InExamples(), wheel.Python, "audit_consumer.py"];

    private static string[] InExamples() =>
        ["env", "-C", Path.Combine(PythonWheel.Source, "examples"), "PYTHONDONTWRITEBYTECODE=1"];

    private Dictionary<string, string> Environment(RunningWorker worker) => new()
    {
        ["AMQP_URL"] = servers.AmqpUri.ToString(), ["DATABASE_URL"] = PythonClientTests.SqlAlchemyUrl(worker.Database),
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
