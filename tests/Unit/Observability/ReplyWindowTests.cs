using VoiceWorker.Observability;
using VoiceWorker.Persistence;

namespace VoiceWorker.Tests.Unit.Observability;

/// <summary>What a worker's row tells of its replies.</summary>
public sealed class ReplyWindowTests
{
    private readonly ReplyWindow _window = new();

    [Fact]
    public void Without_a_reply_only_their_count_is_known() =>
        Assert.Equal(new WorkerReplies(0, null, null, null), _window.Take());

    [Fact]
    public void Each_reply_is_told_once()
    {
        _window.Note(TimeSpan.FromMilliseconds(1), isFallback: false);

        Assert.Equal(1, _window.Take().Count);
        Assert.Equal(0, _window.Take().Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(999)]
    [InlineData(1_024)]
    [InlineData(123_456)]
    [InlineData(59_999_999)]
    public void A_single_reply_is_both_quantiles_within_two_percent(long microseconds)
    {
        _window.Note(TimeSpan.FromMicroseconds(microseconds), isFallback: false);

        var replies = _window.Take();

        Assert.InRange(replies.P50Ms!.Value, microseconds * 0.98 / 1_000, microseconds * 1.02 / 1_000);
        Assert.Equal(replies.P50Ms, replies.P99Ms);
    }

    [Fact]
    public void Half_of_the_replies_are_faster_than_the_one_and_99_of_100_than_the_other()
    {
        for (var ms = 1; ms <= 1_000; ms++)
            _window.Note(TimeSpan.FromMilliseconds(ms), isFallback: false);

        var replies = _window.Take();

        Assert.Equal(1_000, replies.Count);
        Assert.InRange(replies.P50Ms!.Value, 500 * 0.98, 500 * 1.02);
        Assert.InRange(replies.P99Ms!.Value, 990 * 0.98, 990 * 1.02);
    }

    [Fact]
    public void One_slow_reply_of_a_hundred_is_not_what_99_of_them_take()
    {
        for (var reply = 0; reply < 99; reply++)
            _window.Note(TimeSpan.FromMilliseconds(2), isFallback: false);
        _window.Note(TimeSpan.FromSeconds(5), isFallback: true);

        var replies = _window.Take();

        Assert.InRange(replies.P99Ms!.Value, 1.9, 2.1);
        Assert.Equal(0.01, replies.FallbackShare);
    }

    [Fact]
    public void What_takes_for_ever_and_what_takes_no_time_are_counted_too()
    {
        _window.Note(TimeSpan.FromDays(1), isFallback: false);
        _window.Note(TimeSpan.FromTicks(-1), isFallback: false);

        var replies = _window.Take();

        Assert.Equal((2, 0.0), (replies.Count, replies.P50Ms));
        Assert.InRange(replies.P99Ms!.Value, 130_000, 135_000);
    }

    [Fact]
    public async Task No_reply_is_lost_between_two_looks()
    {
        const int each = 50_000;
        var noting = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var reply = 0; reply < each; reply++)
                _window.Note(TimeSpan.FromMicroseconds(reply), isFallback: true);
        }, TestContext.Current.CancellationToken)));
        var seen = 0L;
        while (!noting.IsCompleted)
            seen += _window.Take().Count;
        await noting;

        Assert.Equal(4 * each, seen + _window.Take().Count);
    }

    [Fact]
    public void Noting_a_reply_allocates_nothing()
    {
        _window.Note(TimeSpan.FromMilliseconds(1), isFallback: true);
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var reply = 0; reply < 1_000; reply++)
            _window.Note(TimeSpan.FromMilliseconds(reply), isFallback: true);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
