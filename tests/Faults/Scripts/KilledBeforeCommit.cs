using VoiceWorker.Tests.Faults.Verdict;
using VoiceWorker.Tests.Faults.World;
using Xunit;

namespace VoiceWorker.Tests.Faults.Scripts;

[Collection(Arenas.OfShortRun)]
public sealed class KilledBeforeCommit(Arenas arenas)
{
    [Fact]
    public async Task What_was_not_committed_was_not_acknowledged_and_comes_again()
    {
        var token = TestContext.Current.CancellationToken;
        // Enough ahead that there are changes of voice among them.
        await using var world = await FaultWorld.CreateAsync(
            arenas, nameof(KilledBeforeCommit), Hurt.Database | Hurt.Worker, ahead: 120);
        var first = await world.StartReadyWorkerAsync();
        await using var rival = await Rival.RecordAsync(world.Database, world.Plan.Calls, token);
        world.StartLoad();

        Assert.True(await rival.IsWaitedForAsync(token), "no transaction records calls");
        // Changes go the whole way meanwhile: time enough for an acknowledgement that is too early.
        await world.Audit.Effects.ReachedAsync(3);
        first.Kill();

        Assert.Equal(0, await world.Database.ScalarAsync<long>("SELECT count(*) FROM voice.call_voice"));
        Assert.True(await rival.IsLeftAloneAsync(token), "the transaction of the worker that is gone still waits");
        await rival.DisposeAsync();
        await world.StartReadyWorkerAsync();
        await world.JudgeAsync();
    }
}
