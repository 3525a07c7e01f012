using VoiceWorker.Tests.Faults.Verdict;
using VoiceWorker.Tests.Faults.World;
using Xunit;

namespace VoiceWorker.Tests.Faults.Scripts;

/// <summary>Connections that are dead without a word: what either side says, and its end, does not arrive.</summary>
[FullRun]
public sealed class HalfOpenBroker(Arenas arenas)
{
    [Fact]
    public async Task Dead_connections_to_the_broker_are_replaced_and_its_deliveries_come_again()
    {
        await using var world = await FaultWorld.CreateAsync(arenas, nameof(HalfOpenBroker), Hurt.None);
        await world.StartReadyWorkerAsync();
        world.StartLoad();

        await world.Audit.Effects.ReachedAsync(50);
        world.ToBroker.HalfOpen();

        await world.JudgeAsync();
    }
}
