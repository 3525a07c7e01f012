using VoiceWorker.Bench;

namespace VoiceWorker.Tests.Repository.Bench;

public sealed class JudgeTests
{
    [Fact]
    public void A_judge_has_nothing_to_say_when_every_message_has_its_one_event_in_its_place()
    {
        var verdict = Judge([Right(0, "a", 1), Right(2, "b", 1), Right(1, "a", 2)]);

        Assert.Equal((0, 0, 0), (verdict.Lost, verdict.Doubled, verdict.Wrong));
        Assert.True(verdict.IsClean);
    }

    [Fact]
    public void A_message_without_an_event_is_lost() => Assert.Equal(1, Judge([Right(0, "a", 1), Right(2, "b", 1)]).Lost);

    [Fact]
    public void A_second_event_of_a_message_is_doubled_and_does_not_hide_a_lost_one()
    {
        var verdict = Judge([Right(0, "a", 1), Right(0, "a", 1), Right(1, "a", 2)]);

        Assert.Equal((1, 1, 0), (verdict.Lost, verdict.Doubled, verdict.Wrong));
    }

    [Fact]
    public void An_event_with_another_content_is_wrong()
    {
        var verdict = Judge([Right(0, "a", 1), new Observation(1, "a", 2, "another voice"), Right(2, "b", 1)]);

        Assert.Equal((0, 0, 1), (verdict.Lost, verdict.Doubled, verdict.Wrong));
        Assert.Equal("another voice", Assert.Single(verdict.Examples));
    }

    [Fact]
    public void An_event_of_no_message_is_wrong() => Assert.Equal(2, Judge([Right(3, "a", 1), Right(-1, "a", 1)]).Wrong);

    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 3)]
    [InlineData(1, 1)]
    public void A_gap_or_a_repeat_in_a_stream_is_wrong(long first, long second) =>
        Assert.True(Judge([Right(0, "a", first), Right(1, "a", second), Right(2, "b", 1)]).Wrong > 0);

    [Fact]
    public void A_stream_that_was_there_before_goes_on_where_it_was()
    {
        var judge = new Judge(1, new Dictionary<string, long> { ["a"] = 1_000 });
        judge.Add(Right(0, "a", 1_001));

        Assert.True(judge.Conclude().IsClean);
    }

    [Fact]
    public void A_system_without_sequences_is_judged_by_its_events_alone() =>
        Assert.True(Judge([Right(0, "a", 0), Right(1, "a", 0), Right(2, "b", 0)]).IsClean);

    private static Verdict Judge(IEnumerable<Observation> events)
    {
        var judge = new Judge(3);
        foreach (var observed in events)
            judge.Add(observed);
        return judge.Conclude();
    }

    private static Observation Right(int index, string stream, long sequence) => new(index, stream, sequence, null);
}
