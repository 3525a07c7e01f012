using VoiceWorker.Tests.Faults.Verdict;
using VoiceWorker.Tests.Faults.World;
using Xunit;

namespace VoiceWorker.Tests.Faults.Scripts;

[Collection(Arenas.OfShortRun)]
public sealed class BrokerRestarts(Arenas arenas)
{
    [Fact]
    public async Task Everything_that_was_confirmed_has_its_effect_and_its_event()
    {
        await using var world = await FaultWorld.CreateAsync(arenas, nameof(BrokerRestarts), Hurt.Broker);
        var worker = await world.StartReadyWorkerAsync();
        world.StartLoad();

        await world.Audit.Effects.ReachedAsync(100);
        await world.KillBrokerAsync();
        await world.StartBrokerAsync();

        await world.JudgeAsync();
        // An outage is one line and its end another, however often the relay tries.
        Assert.InRange(Count("\"RelayFailed\""), 1, 2);
        Assert.InRange(Count("\"RelayLeads\""), 1, 1);

        int Count(string happening) =>
            worker.Output.Count(line => line.Contains(happening, StringComparison.Ordinal));
    }
}
