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
        _gate.Judge(First, First);
        Assert.Null(_gate.Obstacle);

        Assert.Throws<UncomparedHistoryException>(() => _gate.Judge(Second, First));
        Assert.Contains("waiting for the relay's leader", _gate.Obstacle, StringComparison.Ordinal);

        _gate.Judge(Second, Second);
        Assert.Null(_gate.Obstacle);
    }

    [Fact]
    public void A_server_on_which_nothing_was_ever_noted_waits_for_nobody()
    {
        _gate.Judge(Second, noted: null);

        Assert.Null(_gate.Obstacle);
    }

    [Fact]
    public void A_leader_that_cannot_compare_is_waited_for_a_minute_after_each_promotion()
    {
        Assert.Throws<UncomparedHistoryException>(() => _gate.Judge(Second, First));
        _time.Advance(HistoryGate.Patience - TimeSpan.FromSeconds(1));
        Assert.Throws<UncomparedHistoryException>(() => _gate.Judge(Second, First));

        _time.Advance(TimeSpan.FromSeconds(1));
        _gate.Judge(Second, First);

        Assert.Null(_gate.Obstacle);
        Assert.Throws<UncomparedHistoryException>(() => _gate.Judge(new("db", 3), First));
    }

    [Fact]
    public async Task Once_it_is_known_no_group_asks_again()
    {
        _gate.Judge(First, First);

        // A session that is not open cannot be asked.
        await _gate.PassAsync(new Npgsql.NpgsqlConnection(), First.Timeline, CancellationToken.None);
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => _gate.PassAsync(new Npgsql.NpgsqlConnection(), Second.Timeline, CancellationToken.None));
    }
}
