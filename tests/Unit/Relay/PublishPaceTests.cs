using CsCheck;
using VoiceWorker.Relay;

namespace VoiceWorker.Tests.Unit.Relay;

public sealed class PublishPaceTests
{
    private const int LongestRest = 10;
    private const int PageSize = 2_000;
    private static readonly PublishResult Went = new(1, 0, null);
    private static readonly PublishResult Refused = new(0, 0, "nacked by the broker", IsRefused: true);

    [Fact]
    public void A_page_is_not_limited_until_one_is_stopped() =>
        Assert.Equal((int.MaxValue, 0), (After(PublishPace.Full, Went).Size, PublishPace.Full.Rest));

    [Fact]
    public void The_head_is_tried_alone_after_rests_that_double_up_to_a_limit()
    {
        var pace = PublishPace.Full;
        var rests = new List<int>();
        for (var refusal = 0; refusal < 40; refusal++)
        {
            pace = After(pace, Refused);
            rests.Add(pace.Rest);
            Assert.Equal(1, pace.Size);
        }

        Assert.Equal([0, 1, 3, 7, 10, 10], rests[..6]);
        Assert.Equal(10, rests[^1]);
    }

    [Fact]
    public void An_event_that_reaches_no_queue_is_tried_in_each_round() =>
        Assert.Equal(new PublishPace(1, 0, 0), After(PublishPace.Full, new(0, 0, "no queue is bound")));

    [Fact]
    public void Growing_from_one_event_reaches_a_page_of_two_thousand_within_seventy_pages()
    {
        var pace = After(PublishPace.Full, Refused);
        var pages = 0;
        for (; pace.Size < PageSize; pages++)
            pace = After(pace, Went);

        Assert.InRange(pages, 1, 70);
    }

    // A queue with room for a few events at a time, such as one with a slow consumer; another takes them all.
    [Fact]
    public void A_queue_that_has_room_sees_few_events_again_but_for_the_heads_that_are_retried() =>
        Gen.Int[0, 300].Array[1, 50].Sample(rooms =>
        {
            var (done, sent, pace) = (0, 0, After(PublishPace.Full, Refused));
            foreach (var room in rooms)
            {
                for (var left = room; ;)
                {
                    var size = Math.Min(pace.Size, PageSize);
                    sent += size;
                    var accepted = Math.Min(size, left);
                    (done, left) = (done + accepted, left - accepted);
                    pace = accepted == size ? After(pace, Went) : After(pace, Refused);
                    if (accepted < size)
                        break;
                }
            }

            Assert.InRange(sent - done, 0, rooms.Length + ((done + (8 * rooms.Length)) / 4));
        });

    private static PublishPace After(PublishPace pace, PublishResult result) => pace.After(result, LongestRest);
}
