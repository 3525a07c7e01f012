using System.Text.Json.Nodes;
using RabbitMQ.Client;
using VoiceWorker.Contracts;
using VoiceWorker.Relay;
using VoiceWorker.Tests.Integration.Audit;
using Xunit;

namespace VoiceWorker.Tests.Integration.Relay;

/// <summary>A bound queue refuses one event of a page and has room for those behind it.</summary>
public sealed class RefusedInOrderTests(TestServers servers)
{
    private const int Events = 100;
    private const int Limit = 200_000;
    private const string Queue = "narrow";

    [Theory]
    [InlineData(1, 2_000)]
    [InlineData(40, 1)]
    public async Task Nothing_overtakes_what_is_sent_alone(int refused, int pageSize)
    {
        var arrived = await RunAsync(refused, pageSize);

        Assert.Equal(Enumerable.Range(1, Events), arrived);
    }

    [Fact]
    public async Task After_a_refusal_within_a_page_everything_behind_it_comes_again_in_order()
    {
        var arrived = await RunAsync(refused: 40, pageSize: 2_000);

        Assert.Equal(Enumerable.Range(1, 39), arrived.Take(39));
        var again = arrived.IndexOf(40);
        Assert.Equal(Enumerable.Range(40, Events - 39), arrived.Skip(again));
        Assert.Equal(Enumerable.Range(1, Events), Handle(arrived).Order());
    }

    // The sequences in the order in which the queue has them.
    private async Task<List<int>> RunAsync(int refused, int pageSize)
    {
        await using var stage = await RelayStage.SetAsync(servers);
        var broker = stage.Broker;
        await BindNarrowAsync(broker);
        await stage.RecordAsync(Enumerable.Range(1, Events)
            .Select(n => SampleEvents.Resolved(1, n, n == refused ? Limit / 2 : 0)));
        await using var relay = new RelayUnderTest(servers.AmqpUri, stage, new AuditOptions
        {
            PageSize = pageSize, PollInterval = TimeSpan.FromMilliseconds(100),
        });
        await relay.RunUntilAsync(round => round.Obstacle is not null);
        // Now there is room for it.
        await broker.AmqpChannel.BasicGetAsync(Queue, autoAck: true, Token);
        await relay.RunUntilAsync(round => round is { Obstacle: null, MustGoOn: false, Published: 0 });

        var arrived = new List<int>();
        while (await broker.AmqpChannel.BasicGetAsync(Queue, autoAck: true, Token) is { } message)
            arrived.Add((int)JsonNode.Parse(message.Body.Span)!["sequence"]!);
        return arrived;
    }

    private static async Task BindNarrowAsync(BrokerClient broker)
    {
        var arguments = new Dictionary<string, object?>
        {
            ["x-max-length-bytes"] = Limit, ["x-overflow"] = "reject-publish",
        };
        await broker.AmqpChannel.QueueDeclareAsync(
            Queue, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: Token);
        await broker.AmqpChannel.BasicPublishAsync("", Queue, new byte[Limit / 2], Token);
        await broker.AmqpChannel.QueueBindAsync(Queue, Exchanges.VoiceAudit, "", cancellationToken: Token);
    }

    // The rule of sequences, for one stream.
    private static IEnumerable<int> Handle(IEnumerable<int> arrived)
    {
        var (last, gaps) = (0, new HashSet<int>());
        foreach (var sequence in arrived)
        {
            if (gaps.Remove(sequence) || sequence > last)
                yield return sequence;
            for (var missing = last + 1; missing < sequence; missing++)
                gaps.Add(missing);
            last = Math.Max(last, sequence);
        }

        Assert.Empty(gaps);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
