using VoiceWorker.Tests.Cluster.World;
using VoiceWorker.Tests.Faults.Verdict;
using Xunit;

namespace VoiceWorker.Tests.Cluster.Scripts;

public sealed class OldPrimaryReturns(ClusterServers servers)
{
    [Fact]
    public async Task Nothing_is_recorded_there()
    {
        var token = TestContext.Current.CancellationToken;
        LongScript.Only();
        await using var world = await ClusterWorld.CreateAsync(
            servers, "old primary comes back as a second one", Hurt.Database | Hurt.Worker);

        await world.RepeatAsync(
            async moment =>
            {
                await world.FailOverAsync(moment);
                // As one whose commits wait for no standby, so that it would take them.
                await world.Postgres.ReturnAsync(token);
                await Task.Delay(TimeSpan.FromSeconds(10), token);
            },
            async () =>
            {
                Assert.Equal(0, await world.CountStrangersAsync(world.Postgres.Standby));
                await world.Postgres.FollowAsync(isSynchronous: true, token);
            });

        await world.JudgeAsync();
    }
}
