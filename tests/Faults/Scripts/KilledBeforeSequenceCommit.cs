using VoiceWorker.Tests.Faults.Verdict;
using VoiceWorker.Tests.Faults.World;
using Xunit;

namespace VoiceWorker.Tests.Faults.Scripts;

[Collection(Arenas.OfShortRun)]
public sealed class KilledBeforeSequenceCommit(Arenas arenas)
{
    private const int Ahead = 60;

    [Fact]
    public async Task What_has_no_committed_sequence_is_not_published()
    {
        var token = TestContext.Current.CancellationToken;
        await using var world = await FaultWorld.CreateAsync(
            arenas, nameof(KilledBeforeSequenceCommit), Hurt.Worker, ahead: Ahead);
        await using var gate = await CommitGate.InstallAsync(world.Database);
        var first = await world.StartReadyWorkerAsync();
        Assert.True(await FaultWorld.WritesAsync(first, LeaderFrozen.Leads), "nobody leads");
        await gate.CloseAsync(token);
        world.StartLoad();

        await gate.ReachedAsync(token);
        // Everything that was sent is recorded meanwhile: time enough for an event that is too early.
        Assert.True(await world.RecordsAsync(Ahead));
        var published = world.Audit.Deliveries();
        var stored = await Recorded.ReadAsync(world.Database, token);
        first.Kill();
        await gate.LeftAsync(token);
        await gate.OpenAsync(token);

        Assert.All(published, e => Assert.Contains(e.Field("eventId"), stored.Events.Keys));
        await world.StartReadyWorkerAsync();
        await world.JudgeAsync();
    }
}
