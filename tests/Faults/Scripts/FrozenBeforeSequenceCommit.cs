using VoiceWorker.Tests.Faults.Verdict;
using VoiceWorker.Tests.Faults.World;
using Xunit;

namespace VoiceWorker.Tests.Faults.Scripts;

[FullRun]
public sealed class FrozenBeforeSequenceCommit(Arenas arenas)
{
    private const string SessionsSql = """
        SELECT count(*) FROM pg_stat_activity
        WHERE application_name = 'voice-worker relay' AND datname = current_database()
        """;

    [Fact]
    public async Task A_statement_that_comes_after_a_standby_took_over_writes_nothing()
    {
        await using var world = await FaultWorld.CreateAsync(
            arenas, nameof(FrozenBeforeSequenceCommit), Hurt.Worker, ahead: 200);
        var leader = await world.StartReadyWorkerAsync();
        Assert.True(await FaultWorld.WritesAsync(leader, LeaderFrozen.Leads), "nobody leads");
        var standby = await world.StartReadyWorkerAsync();
        var statements = FaultPoints.NextSequences(world.ToPostgres);
        world.StartLoad();

        // Frozen with its statement on the way.
        await FaultWorld.ReachAsync(statements);
        leader.Suspend();
        statements.TakeNoMore();
        Assert.True(await FaultWorld.WritesAsync(standby, LeaderFrozen.Leads), "no standby took over");
        // That of the standby: the statement has none to arrive at.
        Assert.Equal(1, await world.Database.ScalarAsync<long>(SessionsSql));
        statements.Release();
        leader.Resume();

        Assert.True(await FaultWorld.WritesAsync(leader, LeaderFrozen.Deposed), "the thawed leader noticed nothing");
        await world.JudgeAsync();
    }
}
