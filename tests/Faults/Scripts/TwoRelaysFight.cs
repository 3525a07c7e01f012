using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Tests.Faults.Verdict;
using VoiceWorker.Tests.Faults.World;
using Xunit;

namespace VoiceWorker.Tests.Faults.Scripts;

[Collection(Arenas.OfShortRun)]
public sealed class TwoRelaysFight(Arenas arenas)
{
    private const int Rounds = 10;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Whoever_is_deposed_writes_nothing_more_and_the_other_goes_on_there()
    {
        var token = TestContext.Current.CancellationToken;
        // Little ahead, so that there is load in every round.
        await using var world = await FaultWorld.CreateAsync(
            arenas, nameof(TwoRelaysFight), Hurt.None, messages: 500, ahead: 20);
        await using var gate = await CommitGate.InstallAsync(world.Database);
        await world.StartReadyWorkerAsync();
        await world.StartReadyWorkerAsync();
        world.StartLoad();

        for (var round = 1; round <= Rounds; round++)
        {
            await gate.CloseAsync(token);
            await gate.ReachedAsync(token);
            var stored = await CountStoredAsync(world);
            await DeposeAsync(world, gate, token);
            Assert.True(
                await Polling.UntilAsync(async _ => await CountStoredAsync(world) > stored, Patience, token),
                "the other does not go on");
        }

        await world.JudgeAsync();
    }

    // Deposed in the midst of its commit; another leads by the time that the commit may go on.
    private static async Task DeposeAsync(FaultWorld world, CommitGate gate, CancellationToken cancellationToken)
    {
        var write = await Leader.FindWriteAsync(world.Database, cancellationToken);
        var leader = await Leader.FindAsync(world.Database, former: 0, cancellationToken);
        await Leader.DeposeAsync(world.Database, leader, cancellationToken);
        await Leader.FindAsync(world.Database, former: leader, cancellationToken);
        await gate.OpenAsync(cancellationToken);

        Assert.Equal("aborted", await Leader.OutcomeAsync(world.Database, write, cancellationToken));
    }

    private static Task<long> CountStoredAsync(FaultWorld world) =>
        world.Database.ScalarAsync<long>("SELECT count(*) FROM voice_audit.mt_events");
}
