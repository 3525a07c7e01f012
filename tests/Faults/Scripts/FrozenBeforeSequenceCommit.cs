using VoiceWorker.Tests.Faults.Verdict;
using VoiceWorker.Tests.Faults.World;
using Xunit;

namespace VoiceWorker.Tests.Faults.Scripts;

public sealed class FrozenBeforeSequenceCommit(Arenas arenas)
{
    [Fact]
    public async Task A_commit_that_comes_after_a_standby_took_over_writes_nothing()
    {
        var token = TestContext.Current.CancellationToken;
        await using var world = await FaultWorld.CreateAsync(
            arenas, nameof(FrozenBeforeSequenceCommit), Hurt.Worker, ahead: 200);
        var leader = await world.StartReadyWorkerAsync();
        Assert.True(await FaultWorld.WritesAsync(leader, LeaderFrozen.Leads), "nobody leads");
        var standby = await world.StartReadyWorkerAsync();
        var commits = FaultPoints.CommitsOfSequences(world.ToPostgres);
        world.StartLoad();

        // Frozen with its COMMIT on the way.
        await FaultWorld.ReachAsync(commits);
        leader.Suspend();
        commits.TakeNoMore();
        var write = await Leader.FindWriteAsync(world.Database, token);
        Assert.True(await FaultWorld.WritesAsync(standby, LeaderFrozen.Leads), "no standby took over");
        commits.Release();
        leader.Resume();

        Assert.True(await FaultWorld.WritesAsync(leader, LeaderFrozen.Deposed), "the thawed leader noticed nothing");
        Assert.Equal("aborted", await Leader.OutcomeAsync(world.Database, write, token));
        await world.JudgeAsync();
    }
}
