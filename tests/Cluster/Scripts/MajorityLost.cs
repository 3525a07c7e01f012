using VoiceWorker.Tests.Cluster.World;
using VoiceWorker.Tests.Faults.Verdict;
using Xunit;

namespace VoiceWorker.Tests.Cluster.Scripts;

public sealed class MajorityLost(ClusterServers servers)
{
    [Fact]
    public async Task Everything_goes_on_when_the_majority_is_back()
    {
        var token = TestContext.Current.CancellationToken;
        LongScript.Only();
        await using var world = await ClusterWorld.CreateAsync(
            servers, "majority of the nodes lost for 15 s", Hurt.Broker);

        await world.RepeatAsync(
            async moment =>
            {
                moment.Begin();
                await Task.WhenAll(world.RabbitMq.Nodes.Skip(1).Select(node => node.KillAsync(token)));
                await Task.Delay(TimeSpan.FromSeconds(15), token);
                await Task.WhenAll(world.RabbitMq.Nodes.Skip(1).Select(node => node.StartAsync(token)));
                moment.Return();
            },
            () => Task.CompletedTask);

        await world.JudgeAsync();
    }
}
