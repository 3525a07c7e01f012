using System.Text;
using System.Text.Json.Nodes;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Clients.Conformance;

/// <summary>Audit events 1, 2, 3 … of one stream, chained, to be published in any order.</summary>
internal sealed class AuditFeed
{
    public const string Stream = "business-42";
    private const int Events = 9;

    private readonly List<JsonObject> _events = [];

    public AuditFeed()
    {
        var hash = (string?)null;
        foreach (var sequence in Enumerable.Range(1, Events))
        {
            var one = Event(sequence);
            one["hash"] = hash = HashChain.Of(hash, one, nameof(BusinessVoiceUpdated));
            _events.Add(one);
        }
    }

    public string EventIdOf(int sequence) => (string)_events[sequence - 1]["eventId"]!;

    /// <summary>Publishes some of them, in that order.</summary>
    /// <param name="broker">The way to RabbitMQ.</param>
    /// <param name="sequences">Which.</param>
    /// <param name="isReplay">Whether an operator has it done.</param>
    /// <param name="isAltered">Whether somebody has altered them since.</param>
    public async Task PublishAsync(Uri broker, IEnumerable<int> sequences, bool isReplay, bool isAltered)
    {
        await using var client = await BrokerClient.ConnectAsync(broker);
        await client.AmqpChannel.ExchangeDeclareAsync(Exchanges.VoiceAudit, ExchangeType.Fanout, durable: true);
        foreach (var one in sequences.Select(sequence => _events[sequence - 1]))
        {
            if (isAltered)
                one["changedBy"] = "eve";
            await PublishAsync(client, Encoding.UTF8.GetBytes(one.ToJsonString()), Properties(one, isReplay));
        }
    }

    // A quorum queue takes nothing until it has a leader again.
    private static async Task PublishAsync(BrokerClient client, byte[] body, BasicProperties properties) => Assert.True(
        await Polling.UntilAsync(
            async _ =>
            {
                try
                {
                    await client.PublishAsync(Exchanges.VoiceAudit, body, properties);
                    return true;
                }
                catch (PublishException)
                {
                    return false;
                }
            },
            Waits.Longest, TestContext.Current.CancellationToken));

    private static BasicProperties Properties(JsonObject one, bool isReplay) => new()
    {
        MessageId = $"{one["eventId"]}", Type = nameof(BusinessVoiceUpdated), ContentType = "application/json",
        DeliveryMode = DeliveryModes.Persistent,
        Headers = isReplay ? new Dictionary<string, object?> { ["x-replay"] = true } : [],
    };

    // With whatever an encoder may write otherwise, and fields that no client knows.
    private static JsonObject Event(int sequence) => new()
    {
        ["eventId"] = $"{Guid.NewGuid()}", ["stream"] = Stream, ["sequence"] = sequence,
        ["occurredAt"] = "2026-01-31T09:30:00.000000Z", ["businessId"] = 42, ["previousVoiceId"] = null, ["voiceId"] = "coral",
        ["changedAt"] = "2026-01-31T09:30:00.000000Z", ["changedBy"] = "\"ä\\€\u2028\u001f\u007f/<😀>&\t",
        ["later"] = new JsonObject { ["ä"] = new JsonArray(1, true, null, "x"), ["bb"] = new JsonObject(), ["z"] = 2 },
    };
}
