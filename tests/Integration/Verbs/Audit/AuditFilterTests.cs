using System.Text.Json.Nodes;
using RabbitMQ.Client;
using Xunit;

namespace VoiceWorker.Tests.Integration.Verbs.Audit;

/// <summary>What is selected by each filter and by several together, in which order, by every verb that takes them.</summary>
public sealed class AuditFilterTests(RecordedWorker recorded, TestServers servers) : IClassFixture<RecordedWorker>
{
    private readonly RunningWorker _worker = recorded.Worker;

    [Theory]
    [InlineData("--business 7", "4 3 2 1")]
    [InlineData("--business 7 --oldest-first", "1 2 3 4")]
    [InlineData("--business 7 --sequence 3", "3")]
    [InlineData("--business 7 --sequence 2..3", "3 2")]
    [InlineData("--business 7 --sequence 2.. --oldest-first", "2 3 4")]
    [InlineData("--business 7 --sequence ..3 --limit 2", "3 2")]
    [InlineData("--sequence 2..", "4 3 2")]
    [InlineData("--type BusinessVoiceUpdated", "3")]
    [InlineData("--type callvoiceresolved --business 7", "2 1")]
    [InlineData("--reason superseded", "4")]
    [InlineData("--reason businessVoice --business 8", "1")]
    [InlineData("--reason unknownBusiness", "")]
    [InlineData("--source business --business 7", "2 1")]
    [InlineData("--source default", "")]
    [InlineData("--source business --type BusinessVoiceUpdated", "")]
    [InlineData("--voice coral", "3")]
    [InlineData("--voice SAGE", "4")]
    [InlineData("--voice ash --sequence 2", "2")]
    [InlineData("--voice '\\040OR\\0401=1--", "")]
    [InlineData("--call CA-2 --reason businessVoice", "2")]
    [InlineData("--from 0001-01-01 --to 9999-12-31 --type SchemaMigrated", "1")]
    [InlineData("--to 2026-01-01", "")]
    public async Task Every_filter_that_is_given_selects(string filters, string sequences)
    {
        var args = filters.Split(' ').Select(one => one.Replace("\\040", " ", StringComparison.Ordinal));

        var (code, output) = await RunAsync(["audit", "list", .. args, "--json-lines"]);

        Assert.Equal(0, code);
        var found = output.Split('\n').Where(line => line.StartsWith('{')).Select(line => $"{JsonNode.Parse(line)!["sequence"]}");
        Assert.Equal(sequences, string.Join(' ', found));
    }

    [Fact]
    public async Task An_event_is_found_by_its_id()
    {
        var id = await _worker.Database.ScalarAsync<Guid>(
            "SELECT id FROM voice_audit.mt_events WHERE stream_id = 'business-7' AND version = 2");

        var found = await RunAsync("audit", "show", "--event", $"{id}");
        var none = await RunAsync("audit", "list", "--event", "ffffffff-ffff-7fff-bfff-ffffffffffff");

        Assert.StartsWith($"type: CallVoiceResolved\neventId: {id}\n", found.Output, StringComparison.Ordinal);
        Assert.Equal((0, "There is no such event in the store."), none);
    }

    [Fact]
    public async Task A_replay_publishes_and_counts_what_the_filters_select()
    {
        var queue = (await _worker.Broker.AmqpChannel.QueueDeclareAsync(cancellationToken: TestContext.Current.CancellationToken)).QueueName;

        var dry = await RunAsync("audit", "replay", "--all", "--voice", "ash", "--dry-run");
        var replay = await RunAsync("audit", "replay", "--business", "7", "--sequence", "2..3", "--to-queue", queue);
        var replayed = await _worker.Broker.TakeOfAsync(queue, 2);
        var call = await RunAsync("audit", "replay", "--all", "--call", "CA-3", "--dry-run");
        var nothing = await RunAsync("audit", "replay", "--all", "--reason", "noVoice", "--to-queue", queue);

        Assert.Equal((0, "3 events of all streams would be published to their exchanges; nothing was"), dry);
        Assert.Equal((0, $"2 events published to queue {queue}"), replay);
        Assert.Equal([2, 3], replayed.Select(one => (int)one.Json["sequence"]!));
        Assert.Equal((0, "1 events of business-8 would be published to their exchanges; nothing was"), call);
        Assert.Equal((0, $"0 events of all streams would be published to queue {queue}; nothing was"), nothing);
    }

    private Task<(int Code, string Output)> RunAsync(params string[] verb) => VerbUnderTest.RunAsync(servers, _worker.Database, verb);
}
