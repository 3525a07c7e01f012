using VoiceWorker.Tests.Cluster.World;
using VoiceWorker.Tests.Faults.Verdict;
using VoiceWorker.Tests.Faults.World;
using Xunit;

namespace VoiceWorker.Tests.Cluster.Scripts;

public sealed class QuorumLeaderKilled(ClusterServers servers)
{
    [Fact]
    public async Task Everything_goes_on_under_a_new_leader()
    {
        var token = TestContext.Current.CancellationToken;
        LongScript.Only();
        await using var world = await ClusterWorld.CreateAsync(
            servers, "node of a quorum leader killed", Hurt.Broker);
        var node = world.RabbitMq.Nodes[0];

        await world.RepeatAsync(
            async moment =>
            {
                node = await world.RabbitMq.LeaderOfAsync(Topology.WorkerQueues[0], token);
                moment.Begin();
                await node.KillAsync(token);
            },
            () => node.StartAsync(token));

        await world.JudgeAsync();
    }
}
