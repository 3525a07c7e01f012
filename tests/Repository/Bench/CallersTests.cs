using VoiceWorker.Bench;
using VoiceWorker.Contracts;

namespace VoiceWorker.Tests.Repository.Bench;

public sealed class CallersTests
{
    private readonly CallWork _work = new("bench", 4);

    [Fact]
    public async Task Of_calls_that_are_not_answered_it_is_told_what_is_missing()
    {
        // Neither asks nor listens.
        await using var callers = new Callers(broker: null!, _work);
        Reply(callers, 0);
        callers.Audited(0);
        Reply(callers, 1);
        callers.Audited(2);

        Assert.False(callers.IsComplete);
        Assert.Equal(
            $"""
            2 without a reply, 2 without an event
                {_work.CallIdOf(1)}: reply, no event
                {_work.CallIdOf(2)}: no reply, event
                {_work.CallIdOf(3)}: no reply, no event
            """,
            callers.Missing());
    }

    [Fact]
    public async Task A_second_reply_does_not_stand_for_another_call()
    {
        await using var callers = new Callers(broker: null!, _work);
        for (var index = 0; index < _work.Count - 1; index++)
        {
            Reply(callers, index);
            Reply(callers, index);
            callers.Audited(index);
            callers.Audited(index);
        }

        Assert.False(callers.IsComplete);
        Reply(callers, _work.Count - 1);
        callers.Audited(_work.Count - 1);
        Assert.True(callers.IsComplete);
    }

    private void Reply(Callers callers, int index) => callers.Replied(
        new CallVoice(_work.CallIdOf(index), 1, "ash", VoiceSource.Default, VoiceReason.NoVoice));
}
