using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Relay;
using VoiceWorker.Tests.Integration.Audit;
using Xunit;

namespace VoiceWorker.Tests.Integration.Relay;

/// <summary>One bound queue is full and refuses; another takes everything.</summary>
public sealed class RefusedEventsTests(TestServers servers)
{
    private const int Events = 200;
    private const int PageSize = 50;
    private const int Room = 20;
    private const string End = "end";
    private const string EndEvent = $$"""{"eventId":"{{End}}"}""";

    [Fact]
    public async Task While_a_queue_is_full_the_others_see_again_what_is_tried_and_no_more()
    {
        await using var stage = await RelayStage.SetAsync(servers);
        var broker = stage.Broker;
        var healthy = await broker.BindAsync(Exchanges.VoiceAudit);
        await BindBoundedAsync(broker.AmqpChannel, "full");
        await broker.AmqpChannel.QueueDeclareAsync(
            "empty", durable: true, exclusive: false, autoDelete: false, cancellationToken: Token);
        await stage.RecordAsync(Enumerable.Range(0, Events).Select(n => SampleEvents.Resolved(1, n)));
        await using var relay = new RelayUnderTest(servers.AmqpUri, stage, new AuditOptions
        {
            PageSize = PageSize, PollInterval = TimeSpan.FromMilliseconds(100),
        }, "full", "empty", "gone");

        var held = await relay.RunUntilAsync(round => round.Obstacle is not null);
        // Rests of 0, 1, 3, 7, 15 rounds: the head is tried five times in these.
        for (var round = 0; round < 30; round++)
            held = await relay.RunOnceAsync(Token);

        Assert.Equal(
            "nacked by the broker on a new connection (exchange call-voice-resolved); by which queue and why is not "
            + "known: one that is full or has no leader does so; full has messages waiting, and is full if its length is "
            + "limited, empty is empty, gone does not exist",
            held.Obstacle);
        await Assert.ThrowsAsync<PublishException>(() => broker.PublishAsync(Exchanges.VoiceAudit, EndEvent));
        var seen = await TakeUntilEndAsync(healthy);
        Assert.InRange(seen.Count, PageSize + 1, PageSize + 8);
        Assert.Equal([seen[Room]], seen.GroupBy(id => id).Where(again => again.Count() > 1).Select(again => again.Key));

        await broker.AmqpChannel.QueueDeleteAsync("full", cancellationToken: Token);
        await relay.RunUntilAsync(round => round is { Obstacle: null, MustGoOn: false, Published: 0 });
        await broker.PublishAsync(Exchanges.VoiceAudit, EndEvent);
        seen.AddRange(await TakeUntilEndAsync(healthy));

        Assert.Equal(Events, seen.Distinct().Count());
        Assert.Equal(await StoredOrderAsync(stage.Database), seen.Distinct());
        // What was sent along with the head that was refused first comes twice, the head once for each try.
        Assert.InRange(seen.Count, Events, Events + PageSize + 8);
    }

    private static async Task BindBoundedAsync(IChannel channel, string queue)
    {
        var arguments = new Dictionary<string, object?> { ["x-max-length"] = Room, ["x-overflow"] = "reject-publish" };
        await channel.QueueDeclareAsync(
            queue, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: Token);
        await channel.QueueBindAsync(queue, Exchanges.VoiceAudit, "", cancellationToken: Token);
    }

    private static async Task<List<string>> TakeUntilEndAsync(ChannelReader<Delivery> queue)
    {
        var seen = new List<string>();
        while ((await BrokerClient.TakeAsync(queue, 1))[0].Field("eventId") is var id && id != End)
            seen.Add(id);
        return seen;
    }

    private static async Task<IReadOnlyList<string>> StoredOrderAsync(LegacyDatabase database)
    {
        await using var connection = await database.OpenAsync();
        return [.. (await EventStore.ReadAfterAsync(connection, 0, int.MaxValue, Token)).Select(e => e.Event.EventId.ToString())];
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
