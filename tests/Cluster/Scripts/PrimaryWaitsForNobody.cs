using VoiceWorker.Tests.Cluster.World;
using VoiceWorker.Tests.Faults.Verdict;
using Xunit;

namespace VoiceWorker.Tests.Cluster.Scripts;

/// <summary>Only a human can help, and is told: the workers are Degraded with the reason.</summary>
public sealed class PrimaryWaitsForNobody(ClusterServers servers)
{
    [Fact]
    public async Task Health_says_so_and_all_goes_on_when_nobody_is_waited_for()
    {
        var token = TestContext.Current.CancellationToken;
        LongScript.Only();
        await using var world = await ClusterWorld.CreateAsync(
            servers, "new primary waits for an absent standby", Hurt.Database | Hurt.Worker);

        await world.RepeatAsync(
            async moment =>
            {
                moment.Begin();
                await world.Postgres.Primary.KillAsync(token);
                await world.Postgres.PromoteAloneAsync(token);
                await Task.WhenAll(world.Workers.Running.Select(
                    worker => worker.SaysAsync("no synchronous standby has confirmed")));
                Step.Say("both workers say so");
                await world.Postgres.SetAsync("synchronous_standby_names", "", token);
                moment.Return();
            },
            () => world.Postgres.FollowAsync(isSynchronous: true, token));

        await world.JudgeAsync();
    }
}
