using RabbitMQ.Client;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.Integration.Bus;

/// <summary>RabbitMQ nacks what a full queue does not take, and what a quorum queue without a leader does not take: it
/// does not say which.</summary>
public sealed class NackedReplyTests(TestServers servers)
{
    [Fact]
    public async Task A_nacked_reply_is_tried_once_more()
    {
        var token = TestContext.Current.CancellationToken;
        await using var worker = await RunningWorker.StartAsync(servers);
        await worker.Broker.AskAsync(Exchanges.CallStarted, Wire.Call("CA-1", 1));
        var channel = worker.Broker.AmqpChannel;
        await channel.QueueDeclareAsync("left", exclusive: true, cancellationToken: token);
        await DeclareFullAsync(channel, "full", expiration: "700");

        await worker.Broker.PublishAsync(Exchanges.CallStarted, Wire.Call("CA-2", 1), "full", "2");
        // Before that a consumer would make room itself.
        await worker.Broker.TakeOfAsync("left", 1);

        Assert.Equal("2", (await worker.Broker.NextOfAsync("full")).Properties.CorrelationId);
    }

    [Fact]
    public async Task A_nacked_reply_is_lost_for_either_of_two_reasons()
    {
        var token = TestContext.Current.CancellationToken;
        await using var worker = await RunningWorker.StartAsync(servers);
        await DeclareFullAsync(worker.Broker.AmqpChannel, "full", expiration: null);

        await worker.Broker.PublishAsync(Exchanges.CallStarted, Wire.Call("CA-1", 1), "full", "1");

        Assert.True(await Polling.UntilAsync(
            _ => Task.FromResult(worker.Process.Output.Any(line => line.Contains(
                "Replies to callers are lost: nacked by the broker: a reply queue that is full or has no leader",
                StringComparison.Ordinal))),
            Waits.Longest, token));
    }

    // What expires there goes to the queue "left".
    private static async Task DeclareFullAsync(IChannel channel, string queue, string? expiration)
    {
        var token = TestContext.Current.CancellationToken;
        var arguments = new Dictionary<string, object?>
        {
            ["x-max-length"] = 1, ["x-overflow"] = "reject-publish",
            ["x-dead-letter-exchange"] = "", ["x-dead-letter-routing-key"] = "left",
        };
        await channel.QueueDeclareAsync(
            queue, durable: false, exclusive: true, autoDelete: false, arguments, cancellationToken: token);
        await channel.BasicPublishAsync(
            "", queue, mandatory: true, new BasicProperties { Expiration = expiration }, "{}"u8.ToArray(), token);
    }
}
