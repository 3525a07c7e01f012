using VoiceWorker.Tests.Cluster.World;
using VoiceWorker.Tests.Faults.Verdict;
using Xunit;

namespace VoiceWorker.Tests.Cluster.Scripts;

public sealed class PrimaryRestarts(ClusterServers servers)
{
    [Fact]
    public async Task Everything_goes_on_when_it_is_back()
    {
        var token = TestContext.Current.CancellationToken;
        LongScript.Only();
        await using var world = await ClusterWorld.CreateAsync(
            servers, "PostgreSQL, fast restart", Hurt.Database | Hurt.Worker);

        await world.RepeatAsync(
            async moment =>
            {
                moment.Begin();
                await world.Postgres.Primary.StopAsync();
                await world.Postgres.Primary.StartAsync(token);
                moment.Return();
            },
            () => Task.CompletedTask);

        await world.JudgeAsync();
    }
}
