using VoiceWorker.Tests.Faults.Verdict;
using VoiceWorker.Tests.Faults.World;
using Xunit;

namespace VoiceWorker.Tests.Faults.Scripts;

[Collection(Arenas.OfShortRun)]
public sealed class RollingRestart(Arenas arenas)
{
    private const int Workers = 3;

    [Fact]
    public async Task Each_worker_leaves_in_order_and_no_event_comes_twice()
    {
        await using var world = await FaultWorld.CreateAsync(arenas, nameof(RollingRestart), Hurt.None, messages: 400);
        var worker = await world.StartReadyWorkerAsync();
        world.StartLoad();

        for (var round = 1; round < Workers; round++)
        {
            await world.Audit.Effects.ReachedAsync(round * 100);
            var next = await world.StartReadyWorkerAsync();
            Assert.Equal(0, await worker.TerminateAsync(TestContext.Current.CancellationToken));
            worker = next;
        }

        await world.JudgeAsync();
        Assert.Equal(0, world.Audit.Repeats());
    }
}
