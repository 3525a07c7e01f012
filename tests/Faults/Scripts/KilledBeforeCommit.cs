using VoiceWorker.Tests.Faults.Verdict;
using VoiceWorker.Tests.Faults.World;
using Xunit;

namespace VoiceWorker.Tests.Faults.Scripts;

public sealed class KilledBeforeCommit(Arenas arenas)
{
    [Fact]
    public async Task What_was_not_committed_was_not_acknowledged_and_comes_again()
    {
        // Enough ahead that there are changes of voice among them.
        await using var world = await FaultWorld.CreateAsync(
            arenas, nameof(KilledBeforeCommit), Hurt.Database | Hurt.Worker, ahead: 120);
        var first = await world.StartReadyWorkerAsync();
        var commits = FaultPoints.CommitsOfCalls(world.ToPostgres, world.Plan.CallIds);
        world.StartLoad();

        await FaultWorld.ReachAsync(commits);
        // Changes go the whole way meanwhile: time enough for an acknowledgement that is too early.
        await world.Audit.Effects.ReachedAsync(3);
        first.Kill();
        commits.Cut();

        Assert.Equal(0, await world.Database.ScalarAsync<long>("SELECT count(*) FROM voice.call_voice"));
        await world.StartReadyWorkerAsync();
        await world.JudgeAsync();
    }
}
