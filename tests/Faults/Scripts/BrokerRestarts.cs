using VoiceWorker.Tests.Faults.Verdict;
using VoiceWorker.Tests.Faults.World;
using Xunit;

namespace VoiceWorker.Tests.Faults.Scripts;

public sealed class BrokerRestarts(Arenas arenas)
{
    [Fact]
    public async Task Everything_that_was_confirmed_has_its_effect_and_its_event()
    {
        await using var world = await FaultWorld.CreateAsync(arenas, nameof(BrokerRestarts), Hurt.Broker);
        await world.StartReadyWorkerAsync();
        world.StartLoad();

        await world.Audit.Effects.ReachedAsync(100);
        await world.KillBrokerAsync();
        await world.StartBrokerAsync();

        await world.JudgeAsync();
    }
}
