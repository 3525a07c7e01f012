using System.Text.Json;
using System.Text.Json.Nodes;
using RabbitMQ.Client;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Examples;

/// <summary>
/// What the kits make of a PostgreSQL that was promoted behind what was published: of business-1 its last two events
/// come once more, below the event that names them; of business-2 nothing was remembered.
/// </summary>
[FullRun]
public sealed class PromotionTests(TestServers servers)
{
    private const string Whole = "business-1";
    private const string WithHole = "business-2";

    [Fact]
    public async Task Each_kit_drops_what_comes_again_and_goes_on_above_what_was_lost()
    {
        await using var kits = await RunningKits.InstallAsync(servers);
        await using var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);
        await kits.ConsumeAsync(servers.AmqpUri, "audit");
        AuditEvent[] published = [Call(Whole, 1), Call(Whole, 2), Call(Whole, 3), Call(WithHole, 1), Call(WithHole, 2)];
        await PublishAsync(broker, published);
        await kits.AssertProvenAsync("audit", "before", new(5, 2, Missing: 0, Repeated: 0, ExitCode: 0));

        // One that is bound only now.
        await kits.ConsumeAsync(servers.AmqpUri, "late");
        AuditEvent[] lost = [published[1], published[2]];
        await PublishAsync(
            broker,
            [
                .. lost, Told(Whole, 4, isComplete: true, lost), Call(Whole, 5),
                Told(WithHole, 3, isComplete: false), Call(WithHole, 4),
            ]);

        await kits.AssertProvenAsync("audit", "afterwards", new(9, 2, Missing: 0, Repeated: 0, ExitCode: 0));
        await kits.AssertProvenAsync("late", "bound late", new(6, 2, Missing: 3, Repeated: 0, ExitCode: 1));
    }

    [Fact]
    public async Task Each_kit_follows_the_seals_behind_one_that_was_lost_for_good()
    {
        await using var kits = await RunningKits.InstallAsync(servers);
        await using var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);
        var consumers = await kits.ConsumeAsync(servers.AmqpUri, "seals");
        TrailSealed first = Seal(1, null, null), lost = Seal(2, first, first.Hash);
        var told = Chained(Told(AuditEvent.SealStream, 3, isComplete: true, recordedAgain: false, lost), null);
        // Goes on from the root of the seal that the store has, by hash from the event before.
        TrailSealed next = Seal(4, first, told.Hash), altered = Seal(5, next, next.Hash) with { PreviousRoot = lost.Root };

        await PublishAsync(broker, [first, lost, told, next, altered]);

        await kits.AssertProvenAsync("seals", "one lost, one altered", new(5, 1, Missing: 0, Repeated: 0, ExitCode: 1));
        foreach (var consumer in consumers)
        {
            await consumer.SaysAsync($"altered: {AuditEvent.SealStream} 5");
            Assert.Single(consumer.Lines, line => line.StartsWith("altered: ", StringComparison.Ordinal));
        }
    }

    private static TrailSealed Seal(long sequence, TrailSealed? before, string? hash) => (TrailSealed)Chained(
        new TrailSealed
        {
            EventId = Guid.NewGuid(), Stream = AuditEvent.SealStream, Sequence = sequence, OccurredAt = DateTimeOffset.UnixEpoch,
            Events = 1, EventsInAll = (before?.EventsInAll ?? 0) + 1, Streams = 1, Position = sequence,
            PreviousRoot = before?.Root ?? new string('0', 64), Root = new string("abcdef"[(int)sequence], 64),
        },
        hash);

    private static AuditEvent Chained(AuditEvent one, string? before) => one with
    {
        Hash = HashChain.Of(before, JsonNode.Parse(Body(one))!.AsObject(), one.GetType().Name),
    };

    private static byte[] Body(AuditEvent one) =>
        JsonSerializer.SerializeToUtf8Bytes(one, ContractsJson.Default.GetTypeInfo(one.GetType())!);

    private static async Task PublishAsync(BrokerClient broker, IEnumerable<AuditEvent> events)
    {
        foreach (var one in events)
        {
            await broker.PublishAsync(Exchanges.VoiceAudit, Body(one), new BasicProperties
            {
                MessageId = one.EventId.ToString(), Type = one.GetType().Name, ContentType = "application/json",
                DeliveryMode = DeliveryModes.Persistent, Headers = new Dictionary<string, object?>(),
            });
        }
    }

    private static CallVoiceResolved Call(string stream, long sequence) => new()
    {
        EventId = Guid.NewGuid(), Stream = stream, Sequence = sequence, OccurredAt = DateTimeOffset.UnixEpoch,
        CallId = $"CA-{stream}-{sequence}", BusinessId = 1, VoiceId = "ash", Source = VoiceSource.Default,
        Reason = VoiceReason.NoVoice, StartedAt = DateTimeOffset.UnixEpoch,
    };

    private static HistoryLost Told(string stream, long sequence, bool isComplete, params AuditEvent[] lost) =>
        Told(stream, sequence, isComplete, recordedAgain: true, lost);

    private static HistoryLost Told(
        string stream, long sequence, bool isComplete, bool recordedAgain, params AuditEvent[] lost) => new()
    {
        EventId = Guid.NewGuid(), Stream = stream, Sequence = sequence, OccurredAt = DateTimeOffset.UnixEpoch,
        IsComplete = isComplete, Lost = [.. lost.Select(one => new LostEvent
        {
            EventId = one.EventId, Sequence = one.Sequence, Type = one.GetType().Name, RecordedAgain = recordedAgain,
        })],
    };
}
