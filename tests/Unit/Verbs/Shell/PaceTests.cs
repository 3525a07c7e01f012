using VoiceWorker.Tests.Unit.Commit;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Tests.Unit.Verbs.Shell;

public sealed class PaceTests
{
    private readonly SignallingTime _time = new();

    [Theory]
    [InlineData(1, 1)]
    [InlineData(15, 1)]
    [InlineData(200, 20)]
    [InlineData(1_000_000, 1_000)]
    [InlineData(null, 1_000)]
    public void A_portion_is_about_a_tenth_of_a_second(int? rate, int portion) => Assert.Equal(portion, new Pace(rate, _time).Portion);

    [Fact]
    public async Task Each_portion_waits_until_the_one_before_is_paid_for()
    {
        var pace = new Pace(100, _time);
        await pace.WaitAsync(10, TestContext.Current.CancellationToken);

        var next = pace.WaitAsync(10, TestContext.Current.CancellationToken);

        Assert.Equal(TimeSpan.FromMilliseconds(100), await _time.PassNextWaitAsync());
        await next;
    }

    [Fact]
    public async Task What_a_slow_broker_has_cost_is_not_caught_up_with()
    {
        var pace = new Pace(100, _time);
        await pace.WaitAsync(10, TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromMinutes(1));
        await pace.WaitAsync(10, TestContext.Current.CancellationToken);

        var next = pace.WaitAsync(10, TestContext.Current.CancellationToken);

        Assert.Equal(TimeSpan.FromMilliseconds(100), await _time.PassNextWaitAsync());
        await next;
    }

    [Fact]
    public async Task It_ends_when_it_is_asked_to() => await Assert.ThrowsAnyAsync<OperationCanceledException>(
        () => new Pace(null, _time).WaitAsync(1, new CancellationToken(canceled: true)));
}
