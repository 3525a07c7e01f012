using VoiceWorker.Tests.Faults.Verdict;
using VoiceWorker.Tests.Faults.World;
using Xunit;

namespace VoiceWorker.Tests.Faults.Scripts;

[Collection(Arenas.OfShortRun)]
public sealed class DatabaseRestarts(Arenas arenas)
{
    [Fact]
    public async Task Calls_are_answered_meanwhile_and_what_was_answered_is_recorded()
    {
        await using var world = await FaultWorld.CreateAsync(arenas, nameof(DatabaseRestarts), Hurt.Database);
        await world.StartReadyWorkerAsync();
        world.StartLoad();

        foreach (var moment in new[] { 30, 100, 170 })
        {
            await world.Audit.Effects.ReachedAsync(moment);
            await world.KillDatabaseAsync();
            await world.StartDatabaseAsync();
        }

        await world.JudgeAsync();
    }
}
