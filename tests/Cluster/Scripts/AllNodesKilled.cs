using VoiceWorker.Tests.Cluster.World;
using VoiceWorker.Tests.Faults.Verdict;
using Xunit;

namespace VoiceWorker.Tests.Cluster.Scripts;

public sealed class AllNodesKilled(ClusterServers servers)
{
    [Fact]
    public async Task Everything_goes_on_when_they_are_back()
    {
        var token = TestContext.Current.CancellationToken;
        LongScript.Only();
        await using var world = await ClusterWorld.CreateAsync(
            servers, "all nodes killed and started", Hurt.Broker);

        await world.RepeatAsync(
            async moment =>
            {
                moment.Begin();
                await Task.WhenAll(world.RabbitMq.Nodes.Select(node => node.KillAsync(token)));
                await Task.WhenAll(world.RabbitMq.Nodes.Select(node => node.StartAsync(token)));
                moment.Return();
            },
            () => Task.CompletedTask);

        await world.JudgeAsync();
    }
}
