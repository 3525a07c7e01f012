using VoiceWorker.Persistence;

namespace VoiceWorker.Tests.Unit.Persistence;

/// <summary>Which server has the history that goes on.</summary>
public sealed class TimelineGuardTests
{
    [Fact]
    public void A_promotion_is_noticed_once_and_what_was_before_it_is_refused()
    {
        var guard = new TimelineGuard();

        Assert.False(guard.Notice(3));
        Assert.False(guard.Notice(3));
        Assert.True(guard.Notice(4));
        Assert.False(guard.Notice(4));

        Assert.True(guard.IsPast(3));
        var refusal = Assert.Throws<UnwritableServerException>(() => guard.Notice(3));
        Assert.Contains("timeline 3, and timeline 4 of", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_that_does_not_tell_is_neither_past_nor_a_promotion()
    {
        var guard = new TimelineGuard();
        guard.Notice(7);

        Assert.False(guard.Notice(0));
        Assert.False(guard.IsPast(0));
    }
}
