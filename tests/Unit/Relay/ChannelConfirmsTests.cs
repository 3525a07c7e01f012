using System.Reflection;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using VoiceWorker.Relay;

namespace VoiceWorker.Tests.Unit.Relay;

public sealed class ChannelConfirmsTests
{
    private readonly HeardChannel _channel;
    private readonly ChannelConfirms _confirms;

    public ChannelConfirmsTests()
    {
        var channel = DispatchProxy.Create<IChannel, HeardChannel>();
        (_channel, _confirms) = ((HeardChannel)(object)channel, new ChannelConfirms(channel));
    }

    [Fact]
    public async Task Windows_that_are_open_at_the_same_time_hear_their_own_confirms()
    {
        var (first, second) = (new ConfirmWindow(1, 1), new ConfirmWindow(2, 2));
        using var one = _confirms.Hear(first);
        using var two = _confirms.Hear(second);

        await _channel.AckAsync(2, multiple: true);
        Assert.True(first.Settled.IsCompletedSuccessfully);
        Assert.False(second.Settled.IsCompleted);
        await _channel.AckAsync(3);

        Assert.True(second.Settled.IsCompletedSuccessfully);
    }

    // The client keeps a copy of its handlers, and can make it while another is added.
    [Fact]
    public async Task However_many_windows_come_and_go_the_channel_has_its_first_handlers()
    {
        var before = _channel.Changes;
        for (var tag = 1ul; tag <= 100; tag++)
        {
            var window = new ConfirmWindow(tag, 1);
            using var heard = _confirms.Hear(window);
            await _channel.AckAsync(tag);
            Assert.True(window.Settled.IsCompletedSuccessfully);
        }

        Assert.Equal((4, 4), (before, _channel.Changes));
    }

    [Fact]
    public async Task A_window_that_is_left_hears_nothing_more()
    {
        var window = new ConfirmWindow(1, 1);
        _confirms.Hear(window).Dispose();

        await _channel.AckAsync(1);

        Assert.False(window.Settled.IsCompleted);
    }

    [Fact]
    public async Task A_channel_that_closes_fails_those_that_are_open_and_those_that_come()
    {
        var (open, late) = (new ConfirmWindow(1, 1), new ConfirmWindow(2, 1));
        using var one = _confirms.Hear(open);
        await _channel.CloseAsync();
        using var two = _confirms.Hear(late);

        await Assert.ThrowsAsync<AlreadyClosedException>(() => open.Settled);
        await Assert.ThrowsAsync<AlreadyClosedException>(() => late.Settled);
    }
}

/// <summary>A channel's events, and how often a handler was added or removed.</summary>
public class HeardChannel : DispatchProxy
{
    private readonly Dictionary<string, Delegate?> _handlers = [];

    public int Changes { get; private set; }

    public Task AckAsync(ulong tag, bool multiple = false) =>
        ((AsyncEventHandler<BasicAckEventArgs>)_handlers[nameof(IChannel.BasicAcksAsync)]!)(
            this, new BasicAckEventArgs(tag, multiple));

    public Task CloseAsync() =>
        ((AsyncEventHandler<ShutdownEventArgs>)_handlers[nameof(IChannel.ChannelShutdownAsync)]!)(
            this, new ShutdownEventArgs(ShutdownInitiator.Peer, 320, "closed"));

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var name = targetMethod!.Name.Split('_', 2);
        if (name is not ["add" or "remove", var change])
            throw new NotSupportedException(targetMethod.Name);
        Changes++;
        var (known, handler) = (_handlers.GetValueOrDefault(change), (Delegate?)args![0]);
        _handlers[change] = name[0] == "add" ? Delegate.Combine(known, handler) : Delegate.Remove(known, handler);
        return null;
    }
}
