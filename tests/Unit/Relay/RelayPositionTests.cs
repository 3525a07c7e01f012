using CsCheck;
using VoiceWorker.Relay;

namespace VoiceWorker.Tests.Unit.Relay;

/// <summary>A leader's steps in any order, with crashes in between, over a store that only grows.</summary>
public sealed class RelayPositionTests
{
    private const int PageSize = 4;

    // A step, and how many events it is about.
    private static readonly Gen<(Step Step, int Count)[]> Histories =
        Gen.Select(Gen.Enum<Step>(), Gen.Int[1, 6]).Array[0, 80];

    private enum Step
    {
        Sequence,
        Publish,
        Read,
        Advance,
        Crash,
    }

    [Fact]
    public void No_order_of_steps_and_crashes_skips_an_event_or_changes_their_order() => Histories.Sample(history =>
    {
        var world = new World();
        foreach (var (step, count) in history)
            world.Take(step, count);
        world.Drain();

        Assert.Equal(world.Store, world.FirstTimes);
        Assert.Equal(world.Store.LastOrDefault(), world.Position.Checkpoint);
    });

    [Fact]
    public void A_crash_repeats_only_what_comes_after_the_checkpoint() => Histories.Sample(history =>
    {
        var world = new World();
        foreach (var (step, count) in history)
        {
            var checkpoint = world.Position.Checkpoint;
            world.Take(step, count);
            if (step is Step.Crash)
                Assert.Equal(RelayPosition.At(checkpoint), world.Position);
        }
    });

    [Fact]
    public void The_checkpoint_lags_by_at_most_a_page_when_it_is_advanced_as_it_must() => Histories.Sample(history =>
    {
        var world = new World();
        foreach (var (step, count) in history)
        {
            world.Take(step, count);
            if (world.Position.MustAdvance(PageSize, isIdle: false))
                world.Take(Step.Advance, 1);
            Assert.InRange(world.Position.Published - world.Position.Checkpoint, 0, PageSize - 1);
        }
    });

    [Fact]
    public void What_was_never_kept_cannot_be_published() => Assert.Throws<InvalidOperationException>(
        () => RelayPosition.At(5).Sequence(9).Publish(9));

    [Fact]
    public void What_is_sequenced_lies_behind_what_is_published() => Assert.Throws<InvalidOperationException>(
        () => RelayPosition.At(5).Sequence(4));

    // The driver's steps without servers.
    private sealed class World
    {
        private readonly Queue<long> _page = new();
        private readonly List<long> _published = [];

        public RelayPosition Position { get; private set; } = RelayPosition.At(0);

        public List<long> Store { get; } = [];

        public IEnumerable<long> FirstTimes => _published.Distinct();

        public void Take(Step step, int count)
        {
            switch (step)
            {
                case Step.Sequence:
                    Sequence(count);
                    break;
                case Step.Publish:
                    Publish(count);
                    break;
                case Step.Read:
                    Read();
                    break;
                case Step.Advance:
                    Position = Position.Advance();
                    break;
                default:
                    _page.Clear();
                    Position = RelayPosition.At(Position.Checkpoint);
                    break;
            }

            Assert.Equal(Position.HasPage, _page.Count > 0);
        }

        public void Drain()
        {
            for (Read(); Position.HasPage; Read())
                Publish(int.MaxValue);
            Position = Position.Advance();
        }

        // Positions have gaps where a transaction failed.
        private void Sequence(int count)
        {
            var first = Store.LastOrDefault() + 1 + (count % 2);
            var isAtEnd = Position.IsAtEnd;
            var page = Enumerable.Range(0, count).Select(n => first + n).ToList();
            Store.AddRange(page);
            Position = Position.Sequence(page[^1]);
            if (isAtEnd)
                Keep(page);
        }

        private void Publish(int count)
        {
            for (var n = 0; n < count && _page.TryDequeue(out var position); n++)
            {
                _published.Add(position);
                Position = Position.Publish(position);
            }
        }

        private void Read()
        {
            if (!Position.MustRead)
                return;
            var page = Store.Where(position => position > Position.Published).Take(PageSize).ToList();
            Keep(page);
            if (page.Count < PageSize)
                Position = Position.ReachEnd();
        }

        private void Keep(List<long> page)
        {
            foreach (var position in page)
                _page.Enqueue(position);
            if (page.Count > 0)
                Position = Position.Keep(page[^1]);
        }
    }
}
