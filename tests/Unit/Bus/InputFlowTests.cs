using Microsoft.Extensions.Time.Testing;
using VoiceWorker.Bus;

namespace VoiceWorker.Tests.Unit.Bus;

/// <summary>When a queue counts as silent.</summary>
public sealed class InputFlowTests
{
    private const int Prefetch = 2;
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time = new();
    private readonly InputFlow _flow;

    public InputFlowTests() => _flow = new InputFlow("calls", Prefetch, _time);

    [Fact]
    public void Silence_counts_from_the_beginning_and_from_each_delivery()
    {
        var consuming = _flow.Begin(null!);
        _time.Advance(Second);
        Assert.Equal((Second, false), (_flow.Silence, _flow.HasDelivered));

        consuming.Delivered();
        _time.Advance(2 * Second);

        Assert.Equal((2 * Second, true), (_flow.Silence, _flow.HasDelivered));
    }

    [Fact]
    public void A_consumer_that_has_no_room_for_more_is_busy_and_not_silent()
    {
        var consuming = _flow.Begin(null!);
        consuming.Delivered();
        consuming.Delivered();
        _time.Advance(Second);
        Assert.Equal(TimeSpan.Zero, _flow.Silence);

        consuming.Settled();

        Assert.Equal(Second, _flow.Silence);
    }

    [Fact]
    public void What_is_not_consumed_is_not_silent_and_a_channel_that_ends_late_ends_no_other()
    {
        var first = _flow.Begin(null!);
        var second = _flow.Begin(null!);
        _time.Advance(Second);

        _flow.End(first);
        Assert.Equal(Second, _flow.Silence);
        _flow.End(second);

        Assert.Equal(TimeSpan.Zero, _flow.Silence);
    }

    [Fact]
    public async Task What_is_paused_is_not_silent_and_counts_anew_when_it_is_resumed()
    {
        var consuming = _flow.Begin(null!);
        await _flow.Intake.TurnAsync(isShut: true);
        _time.Advance(Second);
        Assert.Equal(TimeSpan.Zero, _flow.Silence);

        await _flow.Intake.TurnAsync(isShut: false);
        consuming.Opens();

        Assert.Equal(TimeSpan.Zero, _flow.Silence);
        _time.Advance(Second);
        Assert.Equal(Second, _flow.Silence);
    }
}
