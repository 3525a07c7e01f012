using System.Text;
using RabbitMQ.Client;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.Browser.World;

/// <summary>What a day brings: calls, changes of voices, and messages that break their contracts.</summary>
internal static class Traffic
{
    public const string CallErrors = "voice-worker.call-started_error";

    private static readonly string[] Voices = ["ash", "coral", "sage", "verse", "echo", "alloy"];

    /// <summary>Calls of many businesses, answered before it returns.</summary>
    public static async Task CallAsync(BrokerClient broker, int count)
    {
        foreach (var page in Enumerable.Range(1, count).Chunk(200))
        {
            await Task.WhenAll(page.Select(n => broker.PublishAsync(
                Exchanges.CallStarted, Wire.Call($"CA-{n:D5}", 1 + (n % 90)), BrokerClient.DirectReply, $"{n}")));
            foreach (var _ in page)
                await broker.NextReplyAsync();
        }
    }

    /// <summary>Changes of voices; each is answered.</summary>
    public static async Task ChangeAsync(BrokerClient broker, int count)
    {
        for (var n = 0; n < count; n++)
            await ChangeAsync(broker, 1 + (n % 30), Voices[n % Voices.Length], $"2026-01-31T09:{n % 60:D2}:00Z", $"user:{n % 7}");
    }

    /// <summary>One change, answered before it returns.</summary>
    public static Task<Delivery> ChangeAsync(BrokerClient broker, int business, string voice, string at, string by) =>
        broker.AskAsync(Exchanges.BusinessVoiceChanged, Json(new { businessId = business, voiceId = voice, changedAt = at, changedBy = by }));

    /// <summary>Calls without a business, which the worker puts aside before it returns.</summary>
    public static Task PoisonAsync(BrokerClient broker, int count, string businessId = "none") => PutAsideAsync(
        broker, [.. Enumerable.Range(1, count).Select(n => Json(new { callId = $"CA-poison-{n:D3}", businessId, startedAt = "2026-01-31T09:30:00Z" }))]);

    /// <summary>Messages to <c>call-started</c> that become dead letters; returns when they lie there.</summary>
    /// <param name="producer">Who says he has sent them.</param>
    /// <param name="tenant">What else he says.</param>
    public static async Task PutAsideAsync(
        BrokerClient broker, IReadOnlyList<string> bodies, string producer = "telephony", string tenant = "north")
    {
        var before = await CountAsync(broker);
        foreach (var body in bodies)
        {
            await broker.PublishAsync(Exchanges.CallStarted, Encoding.UTF8.GetBytes(body), new BasicProperties
            {
                AppId = producer, Headers = new Dictionary<string, object?> { ["tenant"] = tenant },
            });
        }

        await LieAsync(broker, before + bodies.Count);
    }

    /// <summary>Returns when so many calls lie aside.</summary>
    public static async Task LieAsync(BrokerClient broker, long count)
    {
        var lie = await Polling.UntilAsync(async _ => await CountAsync(broker) == count, Waits.Longest, TestContext.Current.CancellationToken);
        Assert.True(lie, $"{await CountAsync(broker)} dead letters instead of {count}");
    }

    /// <summary>How many calls lie aside.</summary>
    public static async Task<long> CountAsync(BrokerClient broker) =>
        await broker.AmqpChannel.MessageCountAsync(CallErrors, TestContext.Current.CancellationToken);

    private static string Json(object message) => System.Text.Json.JsonSerializer.Serialize(message);
}
