using System.Diagnostics;
using System.Text;
using System.Text.Json;
using RabbitMQ.Client;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Observability;
using VoiceWorker.Tests.Integration.DeadLetters;
using Xunit;

namespace VoiceWorker.Tests.Integration.Bus;

/// <summary>A reply that cannot be published is a lost reply, and nothing else.</summary>
public sealed class LostReplyTests(WorkerFixture worker) : IClassFixture<WorkerFixture>
{
    private const string Direct = BrokerClient.DirectReply;
    private const int Values = 10_000;
    private const int AtOnce = 250;

    [Theory]
    [FullRunData(Direct + ".g1h2AA5yZXBseUA0ND")]
    [InlineData(Direct + ".g1h2AA5yZXBseUA0ND.abc")]
    // Well formed, of a node that this broker does not know: RabbitMQ closes the connection.
    [InlineData(Direct + ".g1h2AA5yZXBseUA5OTk5OTk5OQAAAqwAAAAAawgRWA==.KLAA848rOaJmR9x0XKvDDg==")]
    [FullRunData(Direct + ".AAAA.AAAA")]
    [InlineData("voice-worker.call-started")]
    public async Task A_reply_that_the_broker_refuses_costs_only_itself(string replyTo)
    {
        var businessId = worker.NextBusiness();

        for (var n = 0; n < 20; n++)
        {
            await worker.Broker.PublishAsync(
                Exchanges.CallStarted, Wire.Call($"CA-{businessId}-{n}", businessId), replyTo, "1");
        }

        var neighbour = await AskAsync(businessId, "neighbour");

        Assert.True(await AreRecordedAsync(businessId, 21));
        Assert.InRange(neighbour, TimeSpan.Zero, Waits.Prompt);
        await AssertConsumedAsync();
        await DeadLetterVerbs.AssertCountAsync(worker.Broker, "voice-worker.call-started_error", 0);
    }

    [Fact]
    public async Task Callers_with_ten_thousand_wrong_addresses_harm_nobody()
    {
        var random = new Random(20261126);
        var businessId = worker.NextBusiness();
        var slowest = TimeSpan.Zero;

        for (var from = 0; from < Values; from += AtOnce)
        {
            // Confirmed together.
            await Task.WhenAll(Enumerable.Range(from, AtOnce).Select(n =>
            {
                var (body, properties) = Wrong(random, Wire.Call($"CA-{businessId}-{n}", businessId));
                return worker.Broker.PublishAsync(Exchanges.CallStarted, body, properties);
            }));
            slowest = TimeSpan.FromTicks(Math.Max(slowest.Ticks, (await AskAsync(businessId, $"n{from}")).Ticks));
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"slowest neighbour: {slowest.TotalMilliseconds:f0} ms");
        Assert.True(await AreRecordedAsync(businessId, Values + (Values / AtOnce)));
        Assert.InRange(slowest, TimeSpan.Zero, Waits.Prompt);
        await AssertConsumedAsync();
        await DeadLetterVerbs.AssertCountAsync(worker.Broker, "voice-worker.call-started_error", 0);
        // One for each kind: there is no such queue, and the broker refuses the name.
        Assert.InRange(
            worker.Worker.Process.Output.Count(line => line.Contains("Replies to callers are lost", StringComparison.Ordinal)),
            1, Enum.GetValues<ReplyLoss>().Length);
    }

    private async Task<TimeSpan> AskAsync(int businessId, string callId)
    {
        var began = Stopwatch.GetTimestamp();
        await worker.Broker.PublishAsync(
            Exchanges.CallStarted, Wire.Call($"CA-{businessId}-{callId}", businessId), Direct, callId);
        Delivery reply;
        do
            reply = await worker.Broker.NextReplyAsync();
        while (reply.Properties.CorrelationId != callId);
        return Stopwatch.GetElapsedTime(began);
    }

    private Task<bool> AreRecordedAsync(int businessId, int calls) => Polling.UntilAsync(
        async _ => await worker.Database.ScalarAsync<long>(
            $"SELECT count(*) FROM voice.call_voice WHERE business_id = {businessId}") == calls,
        Waits.Longest, TestContext.Current.CancellationToken);

    private async Task AssertConsumedAsync()
    {
        foreach (var queue in new[] { "voice-worker.call-started", "voice-worker.business-voice-changed" })
            Assert.Equal(1u, await worker.Broker.AmqpChannel.ConsumerCountAsync(queue, TestContext.Current.CancellationToken));
        Assert.DoesNotContain(worker.Worker.Process.Output, line => line.Contains("is not consumed", StringComparison.Ordinal));
    }

    private static (byte[] Body, BasicProperties Properties) Wrong(Random random, string call)
    {
        var correlationId = random.Next(3) == 0 ? null : Name(random);
        if (random.Next(2) == 0)
            return (Encoding.UTF8.GetBytes(call), new BasicProperties { ReplyTo = Name(random), CorrelationId = correlationId });
        var envelope = $$"""
            {"responseAddress":{{Quoted(Address(random))}},"faultAddress":{{Quoted(Address(random))}},
             "requestId":{{Quoted(Name(random))}},"message":{{call}}}
            """;
        return (Encoding.UTF8.GetBytes(envelope), new BasicProperties
        {
            ContentType = "application/vnd.masstransit+json", CorrelationId = correlationId,
            ReplyTo = random.Next(2) == 0 ? Name(random) : null,
        });
    }

    private static string Name(Random random) => random.Next(9) switch
    {
        0 => $"amq.{Letters(random, random.Next(1, 30))}",
        1 => $"{Direct}.{Letters(random, random.Next(0, 60))}",
        2 => $"{Direct}.{Convert.ToBase64String(Bytes(random, random.Next(1, 60)))}.{Convert.ToBase64String(Bytes(random, 16))}",
        3 => $"{Direct}.{Foreign(random)}.{Convert.ToBase64String(Bytes(random, 16))}",
        4 => Letters(random, 255),
        5 => new string([.. Enumerable.Range(0, random.Next(1, 100)).Select(_ => (char)random.Next(1, 32))]),
        6 => new string('é', 127),
        7 => random.GetItems(new[] { "voice-worker.call-started_dead", Direct, $"{Direct}.", "", " ", ".", "#", "*", "amq.default" }, 1)[0],
        _ => Letters(random, random.Next(1, 40)),
    };

    // As another broker names its reply queues: few brokers, many callers.
    private static string Foreign(Random random) => Convert.ToBase64String(
        [131, 88, 118, 0, 14, .. Encoding.ASCII.GetBytes($"reply@{10_000_000 + random.Next(3)}"), .. Bytes(random, 12)]);

    private static string Address(Random random) => random.Next(6) switch
    {
        0 => $"rabbitmq://{Letters(random, 8)}.example/{Uri.EscapeDataString(Name(random))}",
        1 => $"http://{Letters(random, 8)}.example:{random.Next(65_536)}/{Letters(random, 5)}?x={Letters(random, 5)}",
        2 => $"queue:{Uri.EscapeDataString(Name(random))}",
        3 => $"exchange:{Letters(random, 255)}",
        4 => $"rabbitmq://127.0.0.1/{Uri.EscapeDataString(Name(random))}?temporary=true",
        _ => Name(random),
    };

    private static string Letters(Random random, int count) => random.GetString("abcXYZ0189-_=+/.~%", count);

    private static byte[] Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static string Quoted(string text) => JsonSerializer.Serialize(text);
}
