using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Tests.Faults.Verdict;
using VoiceWorker.Tests.Faults.World;
using Xunit;

namespace VoiceWorker.Tests.Faults.Scripts;

/// <summary>SIGKILL at random moments under load: 20 times, 200 times with <c>./test --long</c>.</summary>
public sealed class RandomKills(FaultServers servers)
{
    private const int MessagesPerKill = 50;
    private static readonly int Kills = Environment.GetEnvironmentVariable("VOICE_TEST_LONG") == "1" ? 200 : 20;

    // Of a boot, at any of which a worker can be killed as well.
    private static readonly string[] BootLines = ["answers", "Schema verified", "This worker relays audit events", "Ready: consuming"];

    [Fact]
    public async Task Nothing_is_lost_and_nothing_is_doubled()
    {
        await using var world = await FaultWorld.CreateAsync(servers, nameof(RandomKills), Kills * MessagesPerKill);
        var workers = new List<WorkerProcess> { await world.StartReadyWorkerAsync(), world.StartWorker() };
        world.StartLoad();

        for (var kill = 1; kill <= Kills; kill++)
        {
            var victim = workers[world.Random.Next(workers.Count)];
            await ReachMomentAsync(world, victim, kill);
            if (world.Random.Next(5) == 0)
                await RestartDatabaseAsync(world);
            else
                Replace(world, workers, victim);
        }

        await world.JudgeAsync(Expectation.EveryAskIsAnswered);
    }

    // After so many events, in the middle of the boot that the last kill made necessary, or with a connection just cut.
    private static async Task ReachMomentAsync(FaultWorld world, WorkerProcess victim, int kill)
    {
        switch (world.Random.Next(6))
        {
            case 0:
                await FaultWorld.WritesAsync(victim, world.Random.GetItems(BootLines, 1)[0]);
                break;
            case 1:
                (world.Random.Next(2) == 0 ? world.ToPostgres : world.ToBroker).Cut();
                goto default;
            default:
                var last = world.Plan.EffectsOf(world.Plan.Messages.Count);
                var target = Math.Max(world.Audit.Effects.Count, (kill - 1) * MessagesPerKill / 2) + world.Random.Next(1, 25);
                await world.Audit.Effects.ReachedAsync(Math.Min(last, target));
                break;
        }
    }

    private static void Replace(FaultWorld world, List<WorkerProcess> workers, WorkerProcess victim)
    {
        victim.Kill();
        workers.Remove(victim);
        workers.Add(world.StartWorker());
    }

    private static async Task RestartDatabaseAsync(FaultWorld world)
    {
        await world.KillDatabaseAsync();
        await world.StartDatabaseAsync();
    }
}
