using VoiceWorker.Infrastructure.Network;
using VoiceWorker.Tests.Faults.Verdict;
using VoiceWorker.Tests.Faults.World;
using Xunit;

namespace VoiceWorker.Tests.Faults.Scripts;

public sealed class TwoRelaysFight(Arenas arenas)
{
    private const int Rounds = 10;

    [Fact]
    public async Task Whoever_is_deposed_writes_nothing_more_and_the_other_goes_on_there()
    {
        // Little ahead: a leader has that and half as much again before it is deposed.
        await using var world = await FaultWorld.CreateAsync(
            arenas, nameof(TwoRelaysFight), Hurt.None, messages: 500, ahead: 20);
        var commits = FaultPoints.SecondCommitsOfSequences(world.ToPostgres);
        await world.StartReadyWorkerAsync();
        await world.StartReadyWorkerAsync();
        world.StartLoad();

        for (var round = 1; round <= Rounds; round++)
        {
            // Deposed with its COMMIT on the way, and the next one likewise.
            await FaultWorld.ReachAsync(commits);
            commits.TakeNoMore();
            var next = FaultPoints.SecondCommitsOfSequences(world.ToPostgres);
            await DeposeAsync(world, commits);
            commits = next;
        }

        commits.Release();
        await world.JudgeAsync();
    }

    // Another leads by the time that the COMMIT arrives.
    private static async Task DeposeAsync(FaultWorld world, Hold commits)
    {
        var token = TestContext.Current.CancellationToken;
        var write = await Leader.FindWriteAsync(world.Database, token);
        var leader = await Leader.FindAsync(world.Database, former: 0, token);
        await Leader.DeposeAsync(world.Database, leader, token);
        await Leader.FindAsync(world.Database, former: leader, token);
        commits.Release();

        Assert.Equal("aborted", await Leader.OutcomeAsync(world.Database, write, token));
    }
}
