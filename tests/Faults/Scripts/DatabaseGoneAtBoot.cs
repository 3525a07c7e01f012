using VoiceWorker.Tests.Faults.Verdict;
using VoiceWorker.Tests.Faults.World;
using Xunit;

namespace VoiceWorker.Tests.Faults.Scripts;

[FullRun]
public sealed class DatabaseGoneAtBoot(Arenas arenas)
{
    [Fact]
    public async Task The_worker_waits_alive_and_takes_no_delivery_before_the_database_is_back()
    {
        await using var world = await FaultWorld.CreateAsync(
            arenas, nameof(DatabaseGoneAtBoot), Hurt.None, isMigrated: false);
        world.StartLoad();
        await world.KillDatabaseAsync();
        var worker = world.StartWorker();

        Assert.True(await FaultWorld.WritesAsync(worker, "Waiting for PostgreSQL"));
        Assert.Equal(0, world.Audit.Effects.Count);
        await world.StartDatabaseAsync();
        await worker.WaitReadyAsync(TestContext.Current.CancellationToken);

        await world.JudgeAsync();
    }
}
