using VoiceWorker.Tests.Faults.Verdict;
using VoiceWorker.Tests.Faults.World;
using Xunit;

namespace VoiceWorker.Tests.Faults.Scripts;

[Collection(Arenas.OfShortRun)]
public sealed class KilledBeforeReply(Arenas arenas)
{
    [Fact]
    public async Task A_call_whose_reply_dies_with_its_worker_is_answered_by_another()
    {
        await using var world = await FaultWorld.CreateAsync(arenas, nameof(KilledBeforeReply), Hurt.None);
        var first = await world.StartReadyWorkerAsync();
        var replies = FaultPoints.Replies(world.ToBroker, Topology.Replies);
        world.StartLoad();

        await FaultWorld.ReachAsync(replies);
        Assert.True(await world.RecordsAsync(20));
        first.Kill();
        replies.Cut();
        await world.StartReadyWorkerAsync();

        await world.JudgeAsync();
    }
}
