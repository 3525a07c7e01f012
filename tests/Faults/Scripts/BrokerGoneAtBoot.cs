using VoiceWorker.Tests.Faults.Verdict;
using VoiceWorker.Tests.Faults.World;
using Xunit;

namespace VoiceWorker.Tests.Faults.Scripts;

[FullRun]
public sealed class BrokerGoneAtBoot(Arenas arenas)
{
    [Fact]
    public async Task The_schema_is_migrated_and_the_worker_waits_for_the_broker()
    {
        await using var world = await FaultWorld.CreateAsync(
            arenas, nameof(BrokerGoneAtBoot), Hurt.None, isMigrated: false);
        await world.KillBrokerAsync();
        world.StartLoad();
        var worker = world.StartWorker();

        Assert.True(await FaultWorld.WritesAsync(worker, "Waiting for RabbitMQ"));
        Assert.Equal(1, await world.Database.ScalarAsync<long>("""
            SELECT count(*) FROM information_schema.columns WHERE table_name = 'business' AND column_name = 'voice_id'
            """));
        await world.StartBrokerAsync();
        await worker.WaitReadyAsync(TestContext.Current.CancellationToken);

        await world.JudgeAsync();
    }
}
