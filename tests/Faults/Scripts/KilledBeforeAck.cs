using VoiceWorker.Tests.Faults.Verdict;
using VoiceWorker.Tests.Faults.World;
using Xunit;

namespace VoiceWorker.Tests.Faults.Scripts;

[Collection(Arenas.OfShortRun)]
public sealed class KilledBeforeAck(Arenas arenas)
{
    [Fact]
    public async Task What_was_committed_and_not_acknowledged_comes_again_and_changes_nothing()
    {
        await using var world = await FaultWorld.CreateAsync(arenas, nameof(KilledBeforeAck), Hurt.Worker);
        var first = await world.StartReadyWorkerAsync();
        var acknowledgements = FaultPoints.Acknowledgements(world.ToBroker);
        world.StartLoad();

        await FaultWorld.ReachAsync(acknowledgements);
        var committed = await world.CountRecordedAsync();
        first.Kill();
        acknowledgements.Cut();
        await world.StartReadyWorkerAsync();

        Assert.NotEqual(0, committed);
        await world.JudgeAsync();
    }
}
