using VoiceWorker.Tests.Cluster.World;
using VoiceWorker.Tests.Faults.Verdict;
using Xunit;

namespace VoiceWorker.Tests.Cluster.Scripts;

/// <summary>A partition of the network: the node runs and talks to its clients, and neither side sees the other. Erlang
/// notices that after net_ticktime, and the node pauses itself.</summary>
public sealed class NodeCutOff(ClusterServers servers)
{
    [Fact]
    public Task Everything_goes_on_through_the_majority_in_20_s() => CutAsync(seconds: 20);

    [Fact]
    public Task Everything_goes_on_through_the_majority_in_100_s() => CutAsync(seconds: 100);

    private async Task CutAsync(int seconds)
    {
        var token = TestContext.Current.CancellationToken;
        LongScript.Only();
        var length = TimeSpan.FromSeconds(seconds);
        await using var world = await ClusterWorld.CreateAsync(
            servers, $"broker node of a worker cut off from the others for {seconds} s", Hurt.Broker);

        await world.RepeatAsync(
            async moment =>
            {
                var node = (await world.RabbitMq.ConnectedAsync("voice-worker bus", token))[0];
                moment.Begin();
                await world.RabbitMq.CutOffAsync(node, length, token);
                await Task.Delay(length, token);
                moment.Return();
            },
            () => Task.WhenAll(world.RabbitMq.Nodes.Select(node => node.ReturnAsync(token))));

        await world.JudgeAsync();
    }
}
