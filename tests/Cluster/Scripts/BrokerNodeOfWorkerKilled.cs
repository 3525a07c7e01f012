using VoiceWorker.Tests.Cluster.World;
using VoiceWorker.Tests.Faults.Verdict;
using Xunit;

namespace VoiceWorker.Tests.Cluster.Scripts;

public sealed class BrokerNodeOfWorkerKilled(ClusterServers servers)
{
    [Fact]
    public async Task Everything_goes_on_through_the_other_nodes()
    {
        var token = TestContext.Current.CancellationToken;
        LongScript.Only();
        await using var world = await ClusterWorld.CreateAsync(
            servers, "broker node of a worker killed", Hurt.Broker);
        var node = world.RabbitMq.Nodes[0];

        await world.RepeatAsync(
            async moment =>
            {
                node = (await world.RabbitMq.ConnectedAsync("voice-worker bus", token))[0];
                moment.Begin();
                await node.KillAsync(token);
            },
            () => node.StartAsync(token));

        await world.JudgeAsync();
    }
}
