using System.Text.Json;
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

    private static async Task PublishAsync(BrokerClient broker, IEnumerable<AuditEvent> events)
    {
        foreach (var one in events)
        {
            var body = JsonSerializer.SerializeToUtf8Bytes(one, ContractsJson.Default.GetTypeInfo(one.GetType())!);
            await broker.PublishAsync(Exchanges.VoiceAudit, body, new BasicProperties
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

    private static HistoryLost Told(string stream, long sequence, bool isComplete, params AuditEvent[] lost) => new()
    {
        EventId = Guid.NewGuid(), Stream = stream, Sequence = sequence, OccurredAt = DateTimeOffset.UnixEpoch,
        IsComplete = isComplete, Lost = [.. lost.Select(one => new LostEvent
        {
            EventId = one.EventId, Sequence = one.Sequence, Type = one.GetType().Name, RecordedAgain = true,
        })],
    };
}
