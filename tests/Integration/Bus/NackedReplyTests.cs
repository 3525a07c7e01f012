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
    public async Task A_nacked_reply_is_lost_for_either_of_two_reasons()
    {
        var token = TestContext.Current.CancellationToken;
        await using var worker = await RunningWorker.StartAsync(servers);
        var full = (await worker.Broker.AmqpChannel.QueueDeclareAsync(
            "", durable: false, exclusive: true, autoDelete: true,
            new Dictionary<string, object?> { ["x-max-length"] = 1, ["x-overflow"] = "reject-publish" },
            cancellationToken: token)).QueueName;
        await worker.Broker.AmqpChannel.BasicPublishAsync(
            "", full, mandatory: true, new BasicProperties(), "{}"u8.ToArray(), token);

        await worker.Broker.PublishAsync(Exchanges.CallStarted, Wire.Call("CA-1", 1), full, "1");

        Assert.True(await Polling.UntilAsync(
            _ => Task.FromResult(worker.Process.Output.Any(line => line.Contains(
                "Replies to callers are lost: nacked by the broker: a reply queue that is full or has no leader",
                StringComparison.Ordinal))),
            TimeSpan.FromSeconds(30), token));
    }
}
