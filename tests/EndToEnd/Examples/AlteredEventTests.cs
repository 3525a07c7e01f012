using System.Text;
using System.Text.Json.Nodes;
using RabbitMQ.Client;
using VoiceWorker.Contracts;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Examples;

/// <summary>What the kits make of an event that somebody has altered.</summary>
[FullRun]
public sealed class AlteredEventTests(TestServers servers)
{
    private const string Stream = "business-1";

    [Fact]
    public async Task Each_kit_names_an_event_whose_hash_does_not_follow_and_no_other()
    {
        await using var kits = await RunningKits.InstallAsync(servers);
        await using var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);
        var consumers = await kits.ConsumeAsync(servers.AmqpUri, "audit");
        var hash = (string?)null;
        var events = Enumerable.Range(1, 4).Select(sequence => Chain(Event(sequence), ref hash)).ToList();
        events[1]["changedBy"] = "eve";

        foreach (var one in events)
            await PublishAsync(broker, one, nameof(BusinessVoiceUpdated));
        await PublishAsync(broker, new JsonObject
        {
            ["eventId"] = $"{Guid.NewGuid()}", ["stream"] = Stream, ["sequence"] = 5, ["occurredAt"] = "2026-01-31T09:30:00.000000Z",
            ["lost"] = new JsonArray(), ["isComplete"] = false, ["hash"] = new string('0', 64),
        }, nameof(HistoryLost));

        await kits.AssertProvenAsync("audit", "one altered", new(5, 1, Missing: 0, Repeated: 0, ExitCode: 1));
        foreach (var consumer in consumers)
        {
            await consumer.SaysAsync($"altered: {Stream} 2");
            Assert.Single(consumer.Lines, line => line.StartsWith("altered: ", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task No_kit_calls_an_event_altered_that_fills_a_gap()
    {
        await using var kits = await RunningKits.InstallAsync(servers);
        await using var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);
        var consumers = await kits.ConsumeAsync(servers.AmqpUri, "late");
        var hash = (string?)null;
        var events = Enumerable.Range(1, 4).Select(sequence => Chain(Event(sequence), ref hash)).ToList();

        foreach (var one in events.TakeLast(1).Concat(events))
            await PublishAsync(broker, one, nameof(BusinessVoiceUpdated));

        await kits.AssertProvenAsync("late", "bound late, replayed", new(4, 1, Missing: 0, Repeated: 0, ExitCode: 0));
        Assert.DoesNotContain(
            consumers.SelectMany(consumer => consumer.Lines), line => line.StartsWith("altered: ", StringComparison.Ordinal));
    }

    // With whatever an encoder may write otherwise.
    private static JsonObject Event(int sequence) => new()
    {
        ["eventId"] = $"{Guid.NewGuid()}", ["stream"] = Stream, ["sequence"] = sequence,
        ["occurredAt"] = "2026-01-31T09:30:00.000000Z", ["businessId"] = 1, ["previousVoiceId"] = null, ["voiceId"] = "coral",
        ["changedBy"] = "\"ä\\€\u2028\u001f\u007f/<😀>\t",
        ["later"] = new JsonObject { ["ä"] = new JsonArray(1, true, null, "x"), ["bb"] = new JsonObject(), ["z"] = 2 },
    };

    private static JsonObject Chain(JsonObject one, ref string? hash)
    {
        one["hash"] = hash = HashChain.Of(hash, one, nameof(BusinessVoiceUpdated));
        return one;
    }

    private static Task PublishAsync(BrokerClient broker, JsonObject one, string type) => broker.PublishAsync(
        Exchanges.VoiceAudit, Encoding.UTF8.GetBytes(one.ToJsonString()), new BasicProperties
        {
            MessageId = $"{one["eventId"]}", Type = type, ContentType = "application/json",
            DeliveryMode = DeliveryModes.Persistent, Headers = new Dictionary<string, object?>(),
        });
}
