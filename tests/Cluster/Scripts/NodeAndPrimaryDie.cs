using VoiceWorker.Tests.Cluster.World;
using VoiceWorker.Tests.Faults.Verdict;
using Xunit;

namespace VoiceWorker.Tests.Cluster.Scripts;

/// <summary>The short script: a node of each kind.</summary>
public sealed class NodeAndPrimaryDie(ClusterServers servers)
{
    [Fact]
    public async Task Everything_goes_on_and_nothing_is_lost()
    {
        var token = TestContext.Current.CancellationToken;
        await using var world = await ClusterWorld.CreateAsync(
            servers, "a broker node and the primary killed", Hurt.Broker | Hurt.Database | Hurt.Worker);

        await world.FaultAsync(async moment =>
        {
            var node = (await world.RabbitMq.ConnectedAsync("voice-worker bus", token))[0];
            moment.Begin();
            await node.KillAsync(token);
        });
        await world.FaultAsync(world.FailOverAsync);

        await world.JudgeAsync();
    }
}
