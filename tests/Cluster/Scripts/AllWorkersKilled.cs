using VoiceWorker.Tests.Cluster.World;
using VoiceWorker.Tests.Faults.Verdict;
using Xunit;

namespace VoiceWorker.Tests.Cluster.Scripts;

public sealed class AllWorkersKilled(ClusterServers servers)
{
    [Fact]
    public async Task Those_that_replace_them_go_on_where_they_were()
    {
        var token = TestContext.Current.CancellationToken;
        LongScript.Only();
        await using var world = await ClusterWorld.CreateAsync(
            servers, "all workers killed", Hurt.Database | Hurt.Worker);

        await world.RepeatAsync(
            moment =>
            {
                moment.Begin();
                foreach (var worker in world.Workers.Running.ToList())
                    world.Workers.Kill(worker);
                return Task.CompletedTask;
            },
            () => Task.CompletedTask);

        await world.JudgeAsync();
    }
}
