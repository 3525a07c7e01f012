using VoiceWorker.Tests.Faults.Verdict;
using VoiceWorker.Tests.Faults.World;
using Xunit;

namespace VoiceWorker.Tests.Faults.Scripts;

[FullRun]
public sealed class DiskFullOfBroker(Arenas arenas)
{
    [Fact]
    public async Task What_the_broker_does_not_take_waits_until_it_does()
    {
        await using var world = await FaultWorld.CreateAsync(arenas, nameof(DiskFullOfBroker), Hurt.None);
        await world.StartReadyWorkerAsync();
        world.StartLoad();
        await world.Audit.Effects.ReachedAsync(50);

        await using (var alarm = await DiskAlarm.RaiseAsync(world.Arena.RabbitMq, TestContext.Current.CancellationToken))
            await alarm.PublisherIsBlockedAsync(TestContext.Current.CancellationToken);

        await world.JudgeAsync();
    }
}
