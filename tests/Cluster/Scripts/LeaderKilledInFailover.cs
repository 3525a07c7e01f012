using VoiceWorker.Tests.Cluster.World;
using VoiceWorker.Tests.Faults.Verdict;
using Xunit;

namespace VoiceWorker.Tests.Cluster.Scripts;

public sealed class LeaderKilledInFailover(ClusterServers servers)
{
    [Fact]
    public async Task Another_worker_relays_from_the_new_primary()
    {
        var token = TestContext.Current.CancellationToken;
        LongScript.Only();
        await using var world = await ClusterWorld.CreateAsync(
            servers, "leader worker killed during a failover", Hurt.Database | Hurt.Worker);

        await world.RepeatAsync(
            async moment =>
            {
                var leader = await world.Workers.FindLeaderAsync(token);
                moment.Begin();
                await world.Postgres.Primary.KillAsync(token);
                world.Workers.Kill(leader);
                await world.Postgres.PromoteAsync(token);
                moment.Return();
            },
            () => world.Postgres.FollowAsync(isSynchronous: true, token));

        await world.JudgeAsync();
    }
}
