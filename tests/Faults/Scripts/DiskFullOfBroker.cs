using VoiceWorker.Tests.Faults.Verdict;
using VoiceWorker.Tests.Faults.World;
using Xunit;

namespace VoiceWorker.Tests.Faults.Scripts;

public sealed class DiskFullOfBroker(FaultServers servers)
{
    [Fact]
    public async Task What_the_broker_does_not_take_waits_until_it_does()
    {
        await using var world = await FaultWorld.CreateAsync(servers, nameof(DiskFullOfBroker));
        await world.StartReadyWorkerAsync();
        world.StartLoad();
        await world.Audit.Effects.ReachedAsync(50);

        await using (var alarm = await DiskAlarm.RaiseAsync(servers.RabbitMq, TestContext.Current.CancellationToken))
            await alarm.PublisherIsBlockedAsync(TestContext.Current.CancellationToken);

        await world.JudgeAsync(Expectation.EveryAskIsAnswered);
    }
}
