using System.Text.Json.Nodes;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Tests.Integration.Verbs.Operators;
using Xunit;

namespace VoiceWorker.Tests.Integration.Verbs.Consuming;

/// <summary><c>pause</c>, <c>resume</c> and <c>drain</c> in all their outcomes, as the role of the worker.</summary>
public sealed class ConsumingVerbTests(TestServers servers) : IAsyncLifetime
{
    private static readonly string Self = $"{Environment.UserName}@{Environment.MachineName}";

    private LegacyDatabase Database { get; set; } = null!;

    public async ValueTask InitializeAsync() => Database = await servers.Migrated.CopyAsync();

    public ValueTask DisposeAsync() => Database.DisposeAsync();

    [Fact]
    public async Task A_pause_is_recorded_in_its_transaction_and_a_second_one_changes_nothing()
    {
        var first = await RunAsync("pause", "call-started", "--note", "a flood");
        var again = await RunAsync("pause", "VOICE-WORKER.call-started", "--note", "another");

        Assert.Equal((0, "voice-worker.call-started is paused\nno worker runs: the queue is paused for those that start"), first);
        Assert.Equal(0, again.Code);
        Assert.Matches($"^voice-worker.call-started was paused already, since \\S+Z by {Self}: a flood\n", again.Output);
        Assert.Equal(
            $"voice-worker.call-started {Self} a flood",
            await Database.ScalarAsync<string>("SELECT concat_ws(' ', queue, paused_by, note) FROM voice.queue_pause"));
        Assert.Equal(["""pause {"queue": "call-started"} {"paused": 1} done a flood"""], await RecordedActs.ReadAsync(Database));
        Assert.Equal(1, await Database.ScalarAsync<long>("""
            SELECT count(DISTINCT transaction::text) FROM (SELECT xmin FROM voice.queue_pause UNION ALL SELECT xmin FROM voice.operator_action
                UNION ALL SELECT xmin FROM voice.outbox WHERE type = 'OperatorActed') AS written (transaction)
            """));
        Assert.Equal(0, (await RunAsync("audit", "verify")).Code);
    }

    [Fact]
    public async Task A_resume_ends_what_is_paused_and_leaves_the_rest()
    {
        await RunAsync("pause", "--all");

        var resumed = await RunAsync("resume", "business-voice-changed", "call-started");
        var again = await RunAsync("resume", "--all");

        Assert.Equal(0, resumed.Code);
        Assert.Matches(
            $"^voice-worker.business-voice-changed is resumed; it was paused since \\S+Z by {Self}\nvoice-worker.call-started is resumed;", resumed.Output);
        Assert.StartsWith(
            "voice-worker.business-voice-changed was not paused\nvoice-worker.call-started was not paused\n", again.Output, StringComparison.Ordinal);
        Assert.Equal(0, await Database.ScalarAsync<long>("SELECT count(*) FROM voice.queue_pause"));
        Assert.Equal(
            [
                """pause {"all": "true"} {"paused": 2} done""",
                """resume {"queue": "business-voice-changed, call-started"} {"resumed": 2} done""",
            ], await RecordedActs.ReadAsync(Database));
    }

    [Theory]
    [InlineData("The worker consumes no queue 'call-startd' (did you mean 'call-started'?); there are call-started, business-voice-changed.", "pause", "call-startd")]
    [InlineData("pause needs a queue or --all; there are call-started, business-voice-changed.", "pause")]
    [InlineData("resume takes queues or --all, not both.", "resume", "call-started", "--all")]
    [InlineData("resume takes queues or --worker, not both.", "resume", "call-started", "--worker", "web-1")]
    [InlineData("drain needs one worker: its host, or the beginning of its id.", "drain", "web-1", "web-2")]
    [InlineData("No worker has written its row lately: there is none to be named.", "drain", "web-1")]
    [InlineData("'--al' is not known (did you mean '--all'?); settings look like --Voices:Default=ash, verbs are shown by --help", "pause", "--al")]
    public async Task What_is_not_meant_so_is_2_and_nothing_is_recorded(string expected, params string[] verb)
    {
        Assert.Equal((2, expected), await RunAsync(verb));

        Assert.Empty(await RecordedActs.ReadAsync(Database));
        Assert.Equal(0, await Database.ScalarAsync<long>("SELECT count(*) FROM voice.queue_pause"));
    }

    [Fact]
    public async Task A_worker_is_named_by_its_host_or_by_the_beginning_of_its_id()
    {
        await AddAsync("11111111-1111-4111-8111-111111111111", "web-1");
        await AddAsync("11112222-1111-4111-8111-111111111111", "web-2");

        var none = await RunAsync("drain", "web-3");
        var both = await RunAsync("drain", "1111");
        var one = await RunAsync("drain", "WEB-2", "--wait", "0");
        var again = await RunAsync("drain", "11112", "--wait", "0");

        Assert.Equal((2, "No running worker is called 'web-3' (did you mean 'web-1'?); there are web-1 (11111111), web-2 (11112222)."), none);
        Assert.Equal((2, "'1111' can be each of web-1 (11111111), web-2 (11112222): give the beginning of an id."), both);
        Assert.Equal((12, "web-2 (11112222) is to consume nothing more\n0 of 1 worker obeys\nnot yet: web-2 (11112222), of version 0.1, which knows no pause"), one);
        Assert.Equal(12, again.Code);
        Assert.StartsWith("web-2 (11112222) was to drain already\n", again.Output, StringComparison.Ordinal);
        Assert.Equal("web-2", await Database.ScalarAsync<string>("SELECT host FROM voice.worker WHERE is_draining"));
        Assert.Equal(["""drain {"wait": "0", "worker": "WEB-2"} {"drained": 1} done"""], await RecordedActs.ReadAsync(Database));
    }

    [Theory]
    [InlineData("REVOKE INSERT ON voice.queue_pause FROM worker", 3, "permission denied for table queue_pause")]
    [InlineData("REVOKE EXECUTE ON FUNCTION voice.record_act FROM worker", 3, "permission denied for function record_act")]
    [InlineData("DROP TABLE voice.queue_pause", 5, "voice.queue_pause is missing")]
    public async Task Where_the_act_cannot_be_recorded_nothing_is_paused(string deed, int expected, string why)
    {
        await Database.ExecuteAsync(deed.Replace("FROM worker", $"FROM {Database.WorkerName}", StringComparison.Ordinal));

        var (code, output) = await RunAsync("pause", "--all");

        Assert.True(code == expected, output);
        Assert.Contains(why, output, StringComparison.Ordinal);
        Assert.Equal(0, await Database.ScalarAsync<long>("SELECT count(*) FROM voice.operator_action"));
        Assert.Equal(0, await Database.ScalarAsync<long>(
            deed.StartsWith("DROP", StringComparison.Ordinal) ? "SELECT 0::bigint" : "SELECT count(*) FROM voice.queue_pause"));
    }

    [Fact]
    public async Task A_running_worker_obeys_and_status_tells_who_paused_what_and_how_it_is()
    {
        await using var worker = await RunningWorker.StartAsync(servers);
        await worker.Broker.AskAsync("call-started", Wire.Call("CA-1", 1));

        var (code, pause) = await VerbUnderTest.ReadAsync(servers, worker.Database, "pause", "call-started", "--note", "a flood", "--wait", "30");
        var status = await StatusAsync(worker, self => (long?)self["replies"] == 0 && (bool)self["ready"]!);

        Assert.Equal((0, 1), (code, (int)pause["obeying"]!));
        Assert.Equal((true, true), ((bool)pause["queues"]![0]!["changed"]!, (bool)pause["workers"]![0]!["obeys"]!));
        var paused = Assert.Single(status["pausedQueues"]!.AsArray())!;
        Assert.Equal(
            ("voice-worker.call-started", Self, "a flood"), ((string?)paused["queue"], (string?)paused["pausedBy"], (string?)paused["note"]));
        var self = status["workers"]![0]!;
        Assert.Equal(["voice-worker.call-started"], self["paused"]!.AsArray().Select(queue => (string?)queue));
        Assert.Equal((0, false, true), ((int)self["inFlight"]!, (bool)self["draining"]!, (bool)self["ready"]!));
        Assert.Null(self["repliesP50Ms"]);
        Assert.Equal(0, (await VerbUnderTest.RunAsync(servers, worker.Database, "resume", "call-started", "--wait", "30")).Code);
        await worker.Broker.AskAsync("call-started", Wire.Call("CA-2", 1));
        var told = (await StatusAsync(worker, one => (long?)one["replies"] > 0))["workers"]![0]!;
        Assert.Equal((1, 0.0), ((long)told["replies"]!, (double)told["fallbackShare"]!));
        Assert.InRange((double)told["repliesP99Ms"]!, 0.01, 60_000);
    }

    // The row is written every few seconds.
    private async Task<JsonNode> StatusAsync(RunningWorker worker, Func<JsonNode, bool> condition)
    {
        JsonNode? postgres = null;
        Assert.True(await Polling.UntilAsync(async _ =>
        {
            postgres = (await VerbUnderTest.ReadAsync(servers, worker.Database, "status")).Json["postgres"];
            return postgres?["workers"]?[0] is { } self && condition(self);
        }, Waits.Longest, TestContext.Current.CancellationToken), postgres?.ToJsonString());
        return postgres!;
    }

    // As a worker of an earlier version writes it.
    private Task AddAsync(string id, string host) => Database.ExecuteAsync($"""
        INSERT INTO voice.worker (worker_id, host, version, started_at, seen_at, gone_at, is_leader, is_ready, calls_per_second, held)
        VALUES ('{id}', '{host}', '0.1', now(), now(), now() + interval '1 hour', false, true, 0, NULL)
        """);

    private Task<(int Code, string Output)> RunAsync(params string[] verb) => VerbUnderTest.RunAsync(servers, Database, verb);
}
