using VoiceWorker.Calls;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence.Calls;

namespace VoiceWorker.Tests.Unit.Calls;

public sealed class PendingCallTests
{
    private static readonly VoiceDecision Stored = new("coral", VoiceSource.Business, VoiceReason.BusinessVoice);
    private static readonly VoiceDecision Late = new("ash", VoiceSource.Default, VoiceReason.DatabaseUnavailable);

    [Fact]
    public void The_first_decision_stands_however_often_it_is_decided_again()
    {
        var pending = Pending();

        Assert.Same(Late, pending.Decide(Late));
        Assert.Same(Late, pending.Decide(Stored));
        Assert.Same(Late, pending.Decide(Late with { VoiceId = "echo" }));
    }

    [Fact]
    public async Task Whoever_decides_at_the_same_time_gets_the_same_decision()
    {
        var calls = Enumerable.Range(0, 500_000).Select(_ => Pending()).ToArray();
        using var start = new Barrier(2);
        var answers = await Task.WhenAll(DecideAllAsync(calls, Stored, start), DecideAllAsync(calls, Late, start));

        for (var i = 0; i < calls.Length; i++)
            Assert.Same(answers[0][i], answers[1][i]);
    }

    // A thread of its own: two that start together run into each other often enough.
    private static Task<VoiceDecision[]> DecideAllAsync(PendingCall[] calls, VoiceDecision proposal, Barrier start) =>
        Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                return Array.ConvertAll(calls, call => call.Decide(proposal));
            },
            TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static PendingCall Pending() => new(new CallStarted("CA1", 42, DateTimeOffset.UnixEpoch), traceParent: null);
}
