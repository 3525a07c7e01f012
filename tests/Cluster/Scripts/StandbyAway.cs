using VoiceWorker.Tests.Cluster.World;
using VoiceWorker.Tests.Faults.Verdict;
using Xunit;

namespace VoiceWorker.Tests.Cluster.Scripts;

public sealed class StandbyAway(ClusterServers servers)
{
    [Fact]
    public async Task Nothing_counts_before_the_standby_has_it()
    {
        var token = TestContext.Current.CancellationToken;
        LongScript.Only();
        await using var world = await ClusterWorld.CreateAsync(
            servers, "synchronous standby away for 15 s", Hurt.Database | Hurt.Worker);

        await world.RepeatAsync(
            async moment =>
            {
                moment.Begin();
                await world.Postgres.Standby.KillAsync(token);
                await Task.Delay(TimeSpan.FromSeconds(15), token);
                await world.Postgres.Standby.StartAsync(token);
                moment.Return();
            },
            () => Task.CompletedTask);

        await world.JudgeAsync();
    }
}
