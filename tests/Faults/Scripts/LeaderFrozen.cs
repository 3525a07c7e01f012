using VoiceWorker.Tests.Faults.Verdict;
using VoiceWorker.Tests.Faults.World;
using Xunit;

namespace VoiceWorker.Tests.Faults.Scripts;

[FullRun]
public sealed class LeaderFrozen(Arenas arenas)
{
    /// <summary>Logged by a worker that takes the leadership.</summary>
    internal const string Leads = "This worker relays audit events";

    /// <summary>Logged by one that has lost it.</summary>
    internal const string Deposed = "The relay lost its round";

    [Fact]
    public async Task A_standby_takes_over_and_the_thawed_leader_writes_nothing()
    {
        // Far ahead: the frozen worker keeps the deliveries that it was given, and their events do not come.
        await using var world = await FaultWorld.CreateAsync(
            arenas, nameof(LeaderFrozen), Hurt.Worker, messages: 600, ahead: 200);
        var leader = await world.StartReadyWorkerAsync();
        Assert.True(await FaultWorld.WritesAsync(leader, Leads), "nobody leads");
        var standby = await world.StartReadyWorkerAsync();
        world.StartLoad();
        await world.Audit.Effects.ReachedAsync(50);

        // Frozen with a page in its hands: published, and not known to be.
        var confirms = FaultPoints.ConfirmsOfEvents(world.ToBroker);
        await FaultWorld.ReachAsync(confirms);
        leader.Suspend();
        Assert.True(await world.HasUnknownEventAsync(), "the event did not come");
        confirms.Release();
        Assert.True(await FaultWorld.WritesAsync(standby, Leads), "no standby took over");
        Assert.True(await world.IsDrainedAsync(), "the standby did not publish what there was");
        leader.Resume();

        Assert.True(await FaultWorld.WritesAsync(leader, Deposed), "the thawed leader noticed nothing");
        await world.JudgeAsync();
        Assert.NotEqual(0, world.Audit.Repeats());
    }

    [Fact]
    public async Task A_leader_that_is_frozen_with_nothing_to_do_is_replaced_too()
    {
        await using var world = await FaultWorld.CreateAsync(arenas, "LeaderFrozen, idle", Hurt.Worker, messages: 100);
        var leader = await world.StartReadyWorkerAsync();
        Assert.True(await FaultWorld.WritesAsync(leader, Leads), "nobody leads");
        var standby = await world.StartReadyWorkerAsync();

        // No transaction is open whose own limit would end the session.
        leader.Suspend();
        Assert.True(await FaultWorld.WritesAsync(standby, Leads), "no standby took over");
        leader.Resume();
        world.StartLoad();

        await world.JudgeAsync();
    }
}
