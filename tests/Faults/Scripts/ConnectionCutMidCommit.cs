using VoiceWorker.Infrastructure.Network;
using VoiceWorker.Tests.Faults.Verdict;
using VoiceWorker.Tests.Faults.World;
using Xunit;

namespace VoiceWorker.Tests.Faults.Scripts;

[FullRun]
public sealed class ConnectionCutMidCommit(Arenas arenas)
{
    private const int Cuts = 10;

    private static readonly Func<FaultProxy, Hold>[] Answers =
    [
        FaultPoints.CommitAnswersOfCalls, FaultPoints.CommitAnswersOfChanges, FaultPoints.CommitAnswersOfSequences,
    ];

    [Fact]
    public async Task A_commit_with_an_unknown_outcome_has_one()
    {
        await using var world = await FaultWorld.CreateAsync(
            arenas, nameof(ConnectionCutMidCommit), Hurt.Database, messages: 500);
        await world.StartReadyWorkerAsync();
        world.StartLoad();

        // It is committed, and the answer never comes.
        for (var cut = 1; cut <= Cuts; cut++)
        {
            await world.Audit.Effects.ReachedAsync(cut * 30);
            var answers = Answers[cut % Answers.Length](world.ToPostgres);
            await FaultWorld.ReachAsync(answers);
            answers.Cut();
        }

        await world.JudgeAsync();
    }
}
