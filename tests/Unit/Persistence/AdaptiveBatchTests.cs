using VoiceWorker.Persistence;

namespace VoiceWorker.Tests.Unit.Persistence;

public sealed class AdaptiveBatchTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(100);

    [Theory]
    [InlineData(24, 1250)]
    [InlineData(25, 1000)]
    [InlineData(100, 1000)]
    [InlineData(101, 500)]
    public void It_grows_while_it_is_quick_and_shrinks_when_it_was_slow(int milliseconds, int next)
    {
        var batch = new AdaptiveBatch(first: 1_000, least: 100, most: 20_000, Limit);

        batch.Took(TimeSpan.FromMilliseconds(milliseconds));

        Assert.Equal(next, batch.Size);
    }

    [Fact]
    public void It_stays_within_its_bounds()
    {
        var batch = new AdaptiveBatch(first: 1_000, least: 100, most: 20_000, Limit);

        for (var n = 0; n < 50; n++)
            batch.Took(TimeSpan.Zero);
        Assert.Equal(20_000, batch.Size);

        for (var n = 0; n < 50; n++)
            batch.Took(2 * Limit);
        Assert.Equal(100, batch.Size);
    }
}
