using System.Text.Json.Nodes;
using RabbitMQ.Client;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Tests.Integration.Verbs.Operators;
using Xunit;

namespace VoiceWorker.Tests.Integration.Verbs.Audit;

/// <summary>History is shown, and published once more, as it was.</summary>
public sealed class AuditReplayTests(RecordedWorker recorded, TestServers servers)
    : IClassFixture<RecordedWorker>, IAsyncLifetime
{
    private readonly RunningWorker _worker = recorded.Worker;

    private LegacyDatabase Database { get; set; } = null!;

    public async ValueTask InitializeAsync() => Database = await recorded.CopyAsync();

    public ValueTask DisposeAsync() => Database.DisposeAsync();

    [Fact]
    public async Task The_history_of_a_business_and_of_a_call_is_listed_and_shown()
    {
        var list = await RunAsync("audit", "list", "--business", "7");
        var oldest = await RunAsync("audit", "list", "--business", "7", "--oldest-first", "--limit", "1");
        var show = await RunAsync("audit", "show", "--call", "CA-2");
        var schema = await RunAsync("audit", "list", "--schema");
        var json = JsonNode.Parse((await RunAsync("audit", "list", "--limit", "0", "--json")).Output)!.AsArray();

        var lines = list.Output.Split('\n');
        Assert.Equal(5, lines.Length);
        Assert.Matches(@"^business-7 +4 .* voice sage rejected: superseded, by ada$", lines[1]);
        Assert.Matches(@"^business-7 +3 .* voice ash became coral, by ada$", lines[2]);
        Assert.Matches(@"^business-7 +1 .* call CA-1 got ash: businessVoice$", oldest.Output.Split('\n')[1]);
        Assert.All(["type: CallVoiceResolved", "stream: business-7", "sequence: 2", "callId: CA-2", "position: "], part =>
            Assert.Contains(part, show.Output, StringComparison.Ordinal));
        Assert.Matches(@"schema +1 .* 58_add_business_voice_id: AddColumn", schema.Output);
        Assert.Equal(6, json.Count);
        Assert.Equal("schema", (string?)json[^1]!["stream"]);
    }

    [Fact]
    public async Task A_range_of_time_ends_before_its_end_and_nothing_is_said_where_nothing_is()
    {
        var decidedAt = await Database.ScalarAsync<string>(
            "SELECT data->>'occurredAt' FROM voice_audit.mt_events WHERE stream_id = 'business-7' AND version = 3");

        var before = JsonNode.Parse((await RunAsync("audit", "list", "--business", "7", "--to", decidedAt, "--json")).Output)!.AsArray();
        var after = JsonNode.Parse((await RunAsync("audit", "list", "--from", decidedAt, "--oldest-first", "--json")).Output)!.AsArray();
        var never = await RunAsync("audit", "list", "--from", "2100-01-01");

        Assert.Equal([2, 1], before.Select(one => (int)one!["sequence"]!));
        Assert.Equal(3, (int)after[0]!["sequence"]!);
        Assert.Equal((0, "There is no such event in the store."), never);
    }

    [Fact]
    public async Task A_replay_has_the_original_ids_and_sequences_and_says_that_it_is_one()
    {
        var originals = recorded.OfBusiness7;
        var everything = await _worker.Broker.BindAsync(Exchanges.VoiceAudit);

        var dry = await RunAsync("audit", "replay", "--business", "7", "--dry-run");
        var replay = await RunAsync("audit", "replay", "--business", "7", "--note", "for the ledger");
        var replayed = await BrokerClient.TakeAsync(everything, 4);

        Assert.Equal((0, "4 events of business-7 would be published to their exchanges; nothing was"), dry);
        Assert.Equal((0, "4 events published to their exchanges"), replay);
        Assert.Equal(originals.Select(one => one.Body), replayed.Select(one => one.Body));
        Assert.Equal(originals.Select(one => one.Properties.MessageId), replayed.Select(one => one.Properties.MessageId));
        Assert.All(originals, one => Assert.False(one.Properties.Headers!.ContainsKey("x-replay")));
        Assert.All(replayed, one => Assert.Equal(true, one.Properties.Headers!["x-replay"]));
        Assert.Equal(
            ["""audit replay {"business": "7"} {"selected": 4, "published": 4} done for the ledger"""],
            await RecordedActs.ReadAsync(Database));
    }

    [Fact]
    public async Task All_of_it_can_be_put_into_one_queue_and_no_other_consumer_is_bothered()
    {
        var everything = await _worker.Broker.BindAsync(Exchanges.VoiceAudit);
        var queue = (await _worker.Broker.AmqpChannel.QueueDeclareAsync(cancellationToken: Token)).QueueName;

        var replay = await RunAsync("audit", "replay", "--all", "--to-queue", queue, "--rate", "1000");
        var events = await _worker.Broker.TakeOfAsync(queue, 6);

        Assert.Equal((0, $"6 events published to queue {queue}"), replay);
        Assert.Equal("schema", events[0].Field("stream"));
        Assert.Equal([1, 2, 3, 4], events.Where(one => one.Field("stream") == "business-7").Select(one => (int)one.Json["sequence"]!));
        Assert.False(everything.TryRead(out _));
    }

    [Fact]
    public async Task An_event_that_reaches_no_queue_ends_it_with_8_and_is_named()
    {
        var (code, output) = await RunAsync("audit", "replay", "--business", "8", "--to-queue", "nowhere");

        Assert.Equal(8, code);
        Assert.Matches(@"CallVoiceResolved [0-9a-f-]{36} \(business-8, 1\) was not taken: there is no queue nowhere", output);
        Assert.Contains("0 events published to queue nowhere", output, StringComparison.Ordinal);
        Assert.Equal(
            ["""audit replay {"business": "8", "to-queue": "nowhere"} {"selected": 1, "published": 0} incomplete"""],
            await RecordedActs.ReadAsync(Database));
    }

    [Fact]
    public async Task Ctrl_C_ends_it_with_130_and_says_how_far_it_has_come()
    {
        var queue = (await _worker.Broker.AmqpChannel.QueueDeclareAsync(cancellationToken: Token)).QueueName;
        await using var replay = VerbUnderTest.Start(servers, Database, "audit", "replay", "--all", "--to-queue", queue, "--rate", "1");
        Assert.True(await Polling.UntilAsync(
            async token => await _worker.Broker.AmqpChannel.MessageCountAsync(queue, token) > 0, Waits.Longest, Token));

        Assert.Equal(130, await replay.InterruptAsync(Token));
        var published = await _worker.Broker.AmqpChannel.MessageCountAsync(queue, Token);
        Assert.InRange(published, 1u, 5u);
        Assert.Contains(replay.Output, line => line == $"{published} events published to queue {queue}");
        Assert.Contains(replay.Output, line => line.StartsWith("The last that was confirmed is ", StringComparison.Ordinal));
        Assert.Equal(
            [$$"""audit replay {"all": "true", "rate": "1", "to-queue": "{{queue}}"} {"selected": 6, "published": {{published}}} interrupted"""],
            await RecordedActs.ReadAsync(Database));
    }

    private Task<(int Code, string Output)> RunAsync(params string[] verb) => VerbUnderTest.RunAsync(servers, Database, verb);

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
