using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Tests.Cluster.World;
using VoiceWorker.Tests.Faults.Verdict;
using Xunit;

namespace VoiceWorker.Tests.Cluster.Scripts;

/// <summary>Only a human can help, and is told: the workers are Degraded with the reason.</summary>
public sealed class PrimaryWaitsForNobody(ClusterServers servers)
{
    private static readonly TimeSpan Told = TimeSpan.FromSeconds(60);

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
                await world.Postgres.PromoteAloneAsync(token);
                await Task.WhenAll(world.Workers.Running.Select(worker => SaysAsync(worker, token)));
                await world.Postgres.SetAsync("synchronous_standby_names", "", token);
                moment.Return();
            },
            () => world.Postgres.FollowAsync(isSynchronous: true, token));

        await world.JudgeAsync();
    }

    private static async Task SaysAsync(WorkerProcess worker, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = worker.Http };
        var answer = "";
        var isTold = await Polling.UntilAsync(async token =>
        {
            using var response = await http.GetAsync(new Uri("/health/ready", UriKind.Relative), token);
            answer = await response.Content.ReadAsStringAsync(token);
            return answer.Contains("no synchronous standby has confirmed", StringComparison.Ordinal);
        }, Told, cancellationToken);
        Assert.True(isTold, answer);
        Step.Say($"worker {worker.Id} says {answer}");
    }
}
