using VoiceWorker.Tests.Faults.Verdict;
using VoiceWorker.Tests.Faults.World;
using Xunit;

namespace VoiceWorker.Tests.Faults.Scripts;

[Collection(Arenas.OfShortRun)]
public sealed class KilledBetweenPublishAndCheckpoint(Arenas arenas)
{
    [Fact]
    public async Task The_next_leader_publishes_the_same_events_again_and_no_others()
    {
        await using var world = await FaultWorld.CreateAsync(
            arenas, nameof(KilledBetweenPublishAndCheckpoint), Hurt.Worker);
        var first = await world.StartReadyWorkerAsync();
        world.StartLoad();
        await world.Audit.Effects.ReachedAsync(30);

        var confirms = FaultPoints.ConfirmsOfEvents(world.ToBroker);
        await FaultWorld.ReachAsync(confirms);
        Assert.True(await world.HasUnknownEventAsync(), "the event did not come");
        first.Kill();
        confirms.Cut();
        await world.StartReadyWorkerAsync();

        await world.JudgeAsync();
        Assert.NotEqual(0, world.Audit.Repeats());
    }
}
