using Microsoft.Extensions.Time.Testing;
using VoiceWorker.Persistence;

namespace VoiceWorker.Tests.Unit.Persistence;

/// <summary>Whether a server may be recorded on.</summary>
public sealed class HistoryGateTests
{
    private static readonly HistoryOrigin First = new("db", 1);
    private static readonly HistoryOrigin Second = new("db", 2);

    private readonly FakeTimeProvider _time = new();
    private readonly HistoryGate _gate;

    public HistoryGateTests() => _gate = new(_time);

    [Fact]
    public void A_promoted_server_waits_until_its_history_is_noted()
    {
        _gate.Judge(1, First, First);
        Assert.Null(_gate.Obstacle);

        Assert.True(Assert.Throws<UncomparedHistoryException>(() => _gate.Judge(2, Second, First)).IsFirst);
        Assert.False(Assert.Throws<UncomparedHistoryException>(() => _gate.Judge(2, Second, First)).IsFirst);
        Assert.Contains("waiting for the relay's leader", _gate.Obstacle, StringComparison.Ordinal);

        _gate.Judge(2, Second, Second);
        Assert.Null(_gate.Obstacle);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void A_server_on_which_no_history_is_noted_waits_for_nobody(string? noted)
    {
        _gate.Judge(1, Second, noted is null ? null : HistoryOrigin.Untold);

        Assert.Null(_gate.Obstacle);
    }

    [Fact]
    public void A_leader_that_cannot_compare_is_waited_for_a_minute_after_each_promotion()
    {
        WaitFor(HistoryGate.Patience - TimeSpan.FromSeconds(1));

        _time.Advance(TimeSpan.FromSeconds(1));
        _gate.Judge(1, Second, First);

        Assert.Contains("recorded without a comparison", _gate.Obstacle, StringComparison.Ordinal);
        Assert.Throws<UncomparedHistoryException>(() => _gate.Judge(1, new("db", 3), First));
        _gate.Judge(1, Second, Second);
        Assert.Null(_gate.Obstacle);
    }

    [Fact]
    public void The_minute_does_not_run_while_nobody_can_look()
    {
        Assert.Throws<UncomparedHistoryException>(() => _gate.Judge(1, Second, First));
        _time.Advance(HistoryGate.Patience * 2);

        Assert.Throws<UncomparedHistoryException>(() => _gate.Judge(1, Second, First));
    }

    [Fact]
    public void A_look_from_before_the_note_changes_nothing_after_it()
    {
        _gate.Judge(2, Second, Second);

        _gate.Judge(1, Second, First);

        Assert.Null(_gate.Obstacle);
    }

    [Fact]
    public async Task Once_it_is_known_no_group_asks_until_there_is_another_session()
    {
        _gate.Judge(0, First, First);

        // A session that is not open cannot be asked.
        await _gate.PassAsync(new Npgsql.NpgsqlConnection(), First.Timeline, CancellationToken.None);
        _gate.Doubt();
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => _gate.PassAsync(new Npgsql.NpgsqlConnection(), First.Timeline, CancellationToken.None));
    }

    private void WaitFor(TimeSpan duration)
    {
        for (var waited = TimeSpan.Zero; waited < duration; waited += TimeSpan.FromSeconds(1))
        {
            Assert.Throws<UncomparedHistoryException>(() => _gate.Judge(1, Second, First));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Throws<UncomparedHistoryException>(() => _gate.Judge(1, Second, First));
    }
}
