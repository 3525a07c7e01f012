using VoiceWorker.Tests.Cluster.World;
using VoiceWorker.Tests.Faults.Verdict;
using Xunit;

namespace VoiceWorker.Tests.Cluster.Scripts;

public sealed class NodesRestartInTurn(ClusterServers servers)
{
    [Fact]
    public async Task Nothing_pauses_for_long()
    {
        var token = TestContext.Current.CancellationToken;
        LongScript.Only();
        await using var world = await ClusterWorld.CreateAsync(
            servers, "rolling restart of the nodes (longest pause)", Hurt.Broker);

        await world.RepeatAsync(
            async moment =>
            {
                moment.BeginPauses();
                foreach (var node in world.RabbitMq.Nodes)
                {
                    await node.StopAsync();
                    await node.StartAsync(token);
                }
            },
            () => Task.CompletedTask);

        await world.JudgeAsync();
    }
}
