using VoiceWorker.Bus;

namespace VoiceWorker.Tests.Unit.Bus;

public sealed class DeliveryWindowTests
{
    private readonly DeliveryWindow _window = new();

    [Fact]
    public void A_run_of_finished_deliveries_takes_one_acknowledgement()
    {
        foreach (var tag in new ulong[] { 3, 1, 2 })
            _window.Acknowledge(tag);

        Assert.Equal(3UL, _window.TakeRun());
        Assert.Null(_window.TakeRun());
        Assert.False(_window.HasWaiting);
    }

    [Fact]
    public void Nothing_is_acknowledged_across_a_delivery_that_is_still_worked_on()
    {
        foreach (var tag in new ulong[] { 1, 2, 4, 5 })
            _window.Acknowledge(tag);

        Assert.Equal(2UL, _window.TakeRun());
        Assert.True(_window.HasWaiting);
        Assert.Null(_window.TakeRun());
        _window.Acknowledge(3);
        Assert.Equal(5UL, _window.TakeRun());
    }

    [Fact]
    public void What_waits_behind_a_slow_delivery_is_acknowledged_one_by_one_and_never_again()
    {
        foreach (var tag in new ulong[] { 2, 4 })
            _window.Acknowledge(tag);

        Assert.Null(_window.TakeRun());
        Assert.Equal([2UL, 4UL], _window.TakeScattered());
        _window.Acknowledge(1);
        _window.Acknowledge(3);
        // Not 4: the broker knows it no more.
        Assert.Equal(3UL, _window.TakeRun());
    }

    [Fact]
    public void A_rejected_delivery_is_not_acknowledged_and_holds_up_none()
    {
        _window.Acknowledge(1);
        _window.Settle(2);

        Assert.Equal(1UL, _window.TakeRun());
        _window.Acknowledge(3);
        Assert.Equal(3UL, _window.TakeRun());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void In_any_order_the_broker_is_told_of_every_delivery_once_and_of_none_too_early(int seed)
    {
        const int count = 20_000;
        var random = new Random(seed);
        var broker = new PretendBroker(count);
        // Within reach of each other, as deliveries in flight are; some are rejected, a few take very long.
        var order = Enumerable.Range(1, count).OrderBy(tag => tag + random.Next(random.Next(100) == 0 ? 9_000 : 50)).ToList();

        foreach (var tag in order.Select(tag => (ulong)tag))
        {
            broker.Finish(tag);
            if (random.Next(20) == 0)
            {
                broker.AcknowledgeOne(tag);
                _window.Settle(tag);
            }
            else
            {
                _window.Acknowledge(tag);
            }

            if (random.Next(10) == 0 && _window.TakeRun() is { } last)
                broker.AcknowledgeUpTo(last);
            if (random.Next(200) == 0)
                _window.TakeScattered().ToList().ForEach(broker.AcknowledgeOne);
        }

        if (_window.TakeRun() is { } end)
            broker.AcknowledgeUpTo(end);
        Assert.Equal(0, broker.Unacknowledged);
        Assert.False(_window.HasWaiting);
    }

    private sealed class PretendBroker(int count)
    {
        private readonly SortedSet<ulong> _unacknowledged = [.. Enumerable.Range(1, count).Select(tag => (ulong)tag)];
        private readonly HashSet<ulong> _finished = [];

        public int Unacknowledged => _unacknowledged.Count;

        public void Finish(ulong tag) => _finished.Add(tag);

        public void AcknowledgeOne(ulong tag)
        {
            Assert.Contains(tag, _finished);
            Assert.True(_unacknowledged.Remove(tag), $"406: unknown delivery tag {tag}");
        }

        public void AcknowledgeUpTo(ulong last)
        {
            Assert.Contains(last, _unacknowledged);
            foreach (var tag in _unacknowledged.GetViewBetween(1, last).ToList())
                AcknowledgeOne(tag);
        }
    }
}
