using System.Text;
using VoiceWorker.Persistence;
using VoiceWorker.Relay;

namespace VoiceWorker.Tests.Unit.Relay;

/// <summary>What is remembered beyond a checkpoint of 20 on timeline 1, and whether it is all.</summary>
public sealed class RememberedHistoryTests
{
    private static readonly HistoryOrigin First = new("db", 1);
    private static readonly HistoryOrigin Second = new("db", 2);

    [Fact]
    public void Pages_that_join_the_checkpoint_are_the_whole() => AssertIs(
        MemoryExtent.Whole, ["b", "c"], Page(First, 10, 20, "a"), Page(First, 20, 25, "b"), Page(First, 25, 30, "c"));

    [Fact]
    public void A_page_that_is_published_already_shows_that_nothing_came_after_it() =>
        AssertIs(MemoryExtent.Whole, [], Page(First, 10, 20, "a"));

    [Fact]
    public void What_begins_after_the_checkpoint_has_a_hole() =>
        AssertIs(MemoryExtent.Hole, ["b"], Page(First, 22, 25, "b"));

    [Fact]
    public void A_page_that_was_not_remembered_is_a_hole() => AssertIs(
        MemoryExtent.Hole, ["b", "d"], Page(First, 20, 25, "b"), Page(First, 30, 35, "d"));

    [Fact]
    public void Nothing_of_this_history_is_not_known() =>
        AssertIs(MemoryExtent.Unknown, [], Page(new("another", 1), 10, 20, "a"));

    [Fact]
    public void A_history_that_came_between_begins_with_its_mark() => AssertIs(
        MemoryExtent.Whole, ["b", "c"],
        Page(First, 20, 25, "b"), Page(Second, 7, 7) with { IsTakeover = true }, Page(Second, 7, 12, "c"));

    [Fact]
    public void A_history_that_came_between_without_its_mark_has_a_hole() => AssertIs(
        MemoryExtent.Hole, ["b", "c"], Page(First, 20, 25, "b"), Page(Second, 7, 12, "c"));

    [Fact]
    public void The_history_that_led_to_this_one_is_not_counted() => AssertIs(
        MemoryExtent.Whole, ["b"], Page(new("db", 0), 3, 9, "x"), Page(First, 10, 20, "a"), Page(First, 20, 25, "b"));

    [Fact]
    public void What_was_remembered_twice_comes_once() => AssertIs(
        MemoryExtent.Whole, ["b", "c"], Page(First, 20, 25, "b"), Page(First, 20, 30, "b", "c"));

    private static void AssertIs(object extent, string[] calls, params RememberedPage[] pages)
    {
        var remembered = RememberedHistory.Of(pages, new NotedHistory(20, DateTimeOffset.UnixEpoch, First));

        Assert.Equal(extent, remembered.Extent);
        Assert.Equal(calls, remembered.Events.Select(one => one.Event.Stream));
    }

    private static RememberedPage Page(HistoryOrigin origin, long after, long last, params string[] events) => new(
        origin, after, last, IsTakeover: false,
        Encoding.UTF8.GetBytes($"[{string.Join(',', events.Select(Json))}]"));

    private static string Json(string name) => $$$"""
        {"type":"SchemaMigrated","traceParent":null,"event":{"eventId":"019c1234-5678-7abc-8def-00000000000{{{name}}}",
         "stream":"{{{name}}}","sequence":1,"occurredAt":"2026-01-31T09:30:00Z","migration":"m","steps":[],
         "rowsBackfilled":0,"durationMs":0}}
        """;
}
