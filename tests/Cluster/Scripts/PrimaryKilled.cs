using VoiceWorker.Tests.Cluster.World;
using VoiceWorker.Tests.Faults.Verdict;
using Xunit;

namespace VoiceWorker.Tests.Cluster.Scripts;

public sealed class PrimaryKilled(ClusterServers servers)
{
    [Fact]
    public async Task The_promoted_standby_has_everything_and_is_used_at_once()
    {
        var token = TestContext.Current.CancellationToken;
        LongScript.Only();
        await using var world = await ClusterWorld.CreateAsync(
            servers, "primary killed, standby promoted", Hurt.Database | Hurt.Worker);

        await world.RepeatAsync(
            world.FailOverAsync,
            () => world.Postgres.FollowAsync(isSynchronous: true, token));

        await world.JudgeAsync();
    }
}
