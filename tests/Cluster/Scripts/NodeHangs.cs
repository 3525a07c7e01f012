using VoiceWorker.Tests.Cluster.World;
using VoiceWorker.Tests.Faults.Verdict;
using Xunit;

namespace VoiceWorker.Tests.Cluster.Scripts;

public sealed class NodeHangs(ClusterServers servers)
{
    [Fact]
    public async Task Everything_goes_on_through_the_nodes_that_answer()
    {
        var token = TestContext.Current.CancellationToken;
        LongScript.Only();
        await using var world = await ClusterWorld.CreateAsync(
            servers, "broker node of a worker hangs for 20 s", Hurt.Broker);

        await world.RepeatAsync(
            async moment =>
            {
                var node = (await world.RabbitMq.ConnectedAsync("voice-worker bus", token))[0];
                moment.Begin();
                node.Suspend();
                await Task.Delay(TimeSpan.FromSeconds(20), token);
                node.Resume();
                moment.Return();
            },
            () => Task.CompletedTask);

        await world.JudgeAsync();
    }
}
