using System.Text.Json.Nodes;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Tests.Integration.Verbs.Audit;
using Xunit;

namespace VoiceWorker.Tests.Integration.Verbs.Status;

/// <summary>One screen, also when a server is away.</summary>
public sealed class StatusTests(WorkerFixture worker, TestServers servers) : IClassFixture<WorkerFixture>
{
    private const string NoRabbit = "amqp://guest:s3cr3t@127.0.0.1:1/";
    private const string NoPostgres = "Host=127.0.0.1;Port=1;Database=app;Username=worker;Password=s3cr3t";

    [Fact]
    public async Task It_tells_schema_leader_lags_queues_dead_letters_and_voices()
    {
        await RecordedTraffic.RecordAsync(worker.Worker);

        // Its row is written every few seconds: the first may be of before it was ready.
        var (code, status) = (-1, (JsonNode)new JsonObject());
        Assert.True(await Polling.UntilAsync(async _ =>
        {
            (code, status) = await VerbUnderTest.ReadAsync(servers, worker.Database, "status");
            return (bool?)status["postgres"]?["workers"]?[0]?["ready"] == true;
        }, Waits.Longest, TestContext.Current.CancellationToken));
        var (screenCode, screen) = await VerbUnderTest.RunAsync(servers, worker.Database, "status");

        Assert.Equal((0, 0), (code, screenCode));
        var (postgres, rabbit) = (status["postgres"]!, status["rabbitMq"]!);
        Assert.Empty(postgres["schema"]!["pending"]!.AsArray());
        Assert.Empty(postgres["schema"]!["problems"]!.AsArray());
        Assert.Equal("58_add_business_voice_id", (string?)postgres["lastMigration"]!["migration"]);
        Assert.Equal("AddColumn", (string?)postgres["lastMigration"]!["steps"]![0]);
        var self = Assert.Single(postgres["workers"]!.AsArray())!;
        Assert.Equal(
            (Environment.MachineName, "leader", true),
            ((string?)self["host"], (string?)self["role"], (bool)self["ready"]!));
        Assert.Null(postgres["relay"]!["held"]);
        Assert.Equal(0, (double)status["callSecondsLeft"]!);
        var leader = (int)postgres["relay"]!["leader"]!["pid"]!;
        Assert.NotNull(postgres["relay"]!["leader"]!["sessionSince"]);
        Assert.Equal((0, 0), ((int)postgres["relay"]!["unsequenced"]!, (int)postgres["relay"]!["unpublished"]!));
        Assert.Equal((99, 1), ((int)postgres["voices"]!["businesses"]!["ash"]!, (int)postgres["voices"]!["businesses"]!["coral"]!));
        Assert.Equal(3, (int)postgres["voices"]!["callsOfLastDay"]!["ash"]!);
        Assert.Equal(
            [("voice-worker.call-started", 0, 1), ("voice-worker.business-voice-changed", 0, 1)],
            rabbit["queues"]!.AsArray().Select(queue => ((string)queue!["queue"]!, (int)queue["messages"]!, (int)queue["consumers"]!)));
        Assert.Equal(4, rabbit["deadLetters"]!.AsArray().Count);
        Assert.All([$"relay leader    pid {leader} from ", "voices          businesses: ash 99, coral 1", "calls in 24 h: ash 3"], part =>
            Assert.Contains(part, screen, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_is_down_is_a_line_of_the_screen_and_the_rest_is_shown_with_7()
    {
        var withoutRabbit = RunningWorker.Connections(worker.Database.WorkerConnectionString, servers);
        withoutRabbit["ConnectionStrings__RabbitMq"] = NoRabbit;
        var withoutPostgres = RunningWorker.Connections(NoPostgres, servers);

        var (code, screen) = await VerbUnderTest.RunAsync(withoutRabbit, "status");
        var (otherCode, json) = await VerbUnderTest.RunAsync(withoutPostgres, "status", "--json");

        Assert.Equal((7, 7), (code, otherCode));
        Assert.Contains("rabbitMq        DOWN: RabbitMQ at 127.0.0.1:1 does not answer", screen, StringComparison.Ordinal);
        Assert.Contains("unsequenced     0 events", screen, StringComparison.Ordinal);
        var status = JsonNode.Parse(json)!;
        Assert.Equal((false, true), ((bool)status["postgres"]!["answers"]!, (bool)status["rabbitMq"]!["answers"]!));
        Assert.Equal(2, status["rabbitMq"]!["queues"]!.AsArray().Count);
        Assert.DoesNotContain("s3cr3t", screen + json, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Watching_writes_a_document_each_interval_and_ends_with_0_when_it_is_asked_to(bool byCtrlC)
    {
        await using var watch = VerbUnderTest.Start(servers, worker.Database, "status", "--watch", "--json", "--interval", "0.2");
        Assert.True(await Polling.UntilAsync(
            _ => Task.FromResult(watch.Output.Count(Answers) >= 3 || watch.HasExited), Waits.Longest,
            TestContext.Current.CancellationToken));

        var token = TestContext.Current.CancellationToken;
        Assert.Equal(0, await (byCtrlC ? watch.InterruptAsync(token) : watch.TerminateAsync(token)));

        Assert.True(watch.Output.Count(Answers) >= 3, string.Join('\n', watch.Output));
    }

    // On a busy machine it may not do so in time.
    private static bool Answers(string document) => (bool)JsonNode.Parse(document)!["postgres"]!["answers"]!;
}
