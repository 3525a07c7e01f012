using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Tests.Faults.Verdict;
using VoiceWorker.Tests.Faults.World;
using Xunit;

namespace VoiceWorker.Tests.Faults.Scripts;

/// <summary>SIGKILL at random moments under load: 20 times, 200 times with <c>./test --long</c>.</summary>
[FullRun]
public sealed class RandomKills(Arenas arenas)
{
    private const int Workers = 2;
    private const int MessagesPerKill = 50;
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("VOICE_TEST_LONG") == "1";
    private static readonly int Kills = IsLong ? 200 : 20;

    // Of a boot, at any of which a worker can be killed as well.
    private static readonly string[] BootLines =
        ["answers", "Schema verified", "This worker relays audit events", "Ready: consuming"];

    [Fact]
    public async Task Nothing_is_lost_and_nothing_is_doubled()
    {
        await using var world = await FaultWorld.CreateAsync(
            arenas, nameof(RandomKills), Hurt.Broker | Hurt.Database | Hurt.Worker,
            Kills * MessagesPerKill, isMigrated: false);
        using var off = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var workers = new WorkerProcess[Workers];
        var kept = Enumerable.Range(0, Workers).Select(place => KeepAsync(world, workers, place, off.Token)).ToList();
        world.StartLoad();

        for (var kill = 1; kill <= Kills; kill++)
        {
            var place = world.Random.Next(Workers);
            await ReachMomentAsync(world, workers[place], kill);
            await KillAsync(world, workers[place]);
        }

        await world.Audit.Effects.ReachedAsync(world.Plan.EffectsOf(world.Plan.Messages.Count));
        await off.CancelAsync();
        await Task.WhenAll(kept);
        await world.JudgeAsync();
    }

    // As an orchestrator does: a worker that has ended, by our hand or by itself, is replaced.
    private static async Task KeepAsync(FaultWorld world, WorkerProcess[] workers, int place, CancellationToken off)
    {
        while (!off.IsCancellationRequested)
        {
            workers[place] = world.StartWorker();
            await ((Task)workers[place].WaitForExitAsync(off)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // After so many events, in the middle of the boot that the last kill made necessary, with connections just cut, or
    // just dead without a word. To notice that of the broker takes too long for the short run.
    private static async Task ReachMomentAsync(FaultWorld world, WorkerProcess victim, int kill)
    {
        switch (world.Random.Next(12))
        {
            case < 2:
                await FaultWorld.WritesAsync(victim, world.Random.GetItems(BootLines, 1)[0]);
                break;
            case < 4:
                (world.Random.Next(2) == 0 ? world.ToPostgres : world.ToBroker).Cut();
                goto default;
            case 4:
                (IsLong && world.Random.Next(2) == 0 ? world.ToBroker : world.ToPostgres).HalfOpen();
                break;
            default:
                var last = world.Plan.EffectsOf(world.Plan.Messages.Count);
                var from = Math.Max(world.Audit.Effects.Count, (kill - 1) * MessagesPerKill / 2);
                await world.Audit.Effects.ReachedAsync(Math.Min(last, from + world.Random.Next(1, 25)));
                break;
        }
    }

    // Mostly a worker, the database now and then, the broker more rarely.
    private static async Task KillAsync(FaultWorld world, WorkerProcess victim)
    {
        switch (world.Random.Next(10))
        {
            case 0:
                await world.KillBrokerAsync();
                await world.StartBrokerAsync();
                break;
            case < 3:
                await world.KillDatabaseAsync();
                await world.StartDatabaseAsync();
                break;
            default:
                victim.Kill();
                break;
        }
    }
}
