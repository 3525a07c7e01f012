using VoiceWorker.Tests.Faults.Verdict;
using VoiceWorker.Tests.Faults.World;
using Xunit;

namespace VoiceWorker.Tests.Faults.Scripts;

/// <summary>Connections that are dead without a word: what either side says, and its end, does not arrive.</summary>
[FullRun]
public sealed class HalfOpenDatabase(Arenas arenas)
{
    [Fact]
    public async Task Dead_database_connections_are_replaced_and_the_transaction_left_open_ends()
    {
        await using var world = await FaultWorld.CreateAsync(arenas, nameof(HalfOpenDatabase), Hurt.Database);
        await world.StartReadyWorkerAsync();
        var locks = FaultPoints.LocksOfChanges(world.ToPostgres);
        world.StartLoad();

        // The transaction has locked businesses; changes of them that are delivered again wait for it.
        await FaultWorld.ReachAsync(locks);
        world.ToPostgres.HalfOpen();
        locks.Release();

        await world.JudgeAsync();
    }
}
