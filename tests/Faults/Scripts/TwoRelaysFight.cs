using VoiceWorker.Tests.Faults.Verdict;
using VoiceWorker.Tests.Faults.World;
using Xunit;

namespace VoiceWorker.Tests.Faults.Scripts;

public sealed class TwoRelaysFight(Arenas arenas)
{
    private const int Rounds = 10;

    [Fact]
    public async Task Whoever_leads_goes_on_where_the_other_was_deposed()
    {
        await using var world = await FaultWorld.CreateAsync(arenas, nameof(TwoRelaysFight), Hurt.None, messages: 500);
        await world.StartReadyWorkerAsync();
        await world.StartReadyWorkerAsync();
        world.StartLoad();

        var leader = 0;
        for (var round = 1; round <= Rounds; round++)
        {
            leader = await Leader.FindAsync(world.Database, leader, TestContext.Current.CancellationToken);
            await world.Audit.Effects.ReachedAsync(round * 30);
            await Leader.DeposeAsync(world.Database, leader, TestContext.Current.CancellationToken);
        }

        await world.JudgeAsync();
    }
}
