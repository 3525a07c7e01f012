using System.Threading.Channels;
using MassTransit.RabbitMqTransport;
using RabbitMQ.Client;

namespace VoiceWorker.Bus;

/// <summary>
/// The only sender of acknowledgements on a channel: whatever is done by the time that it looks goes out as one
/// <c>basic.ack(multiple)</c>. A second sender could overtake it, and the broker closes the channel over a tag that it
/// knows no more.
/// </summary>
internal sealed class AckSender : IAsyncDisposable
{
    // How long one delivery can hold up the acknowledgements of those behind it.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    private readonly ChannelContext _channel;
    private readonly TimeProvider _time;
    private readonly DeliveryWindow _window = new();
    private readonly Channel<Settlement> _settlements =
        Channel.CreateUnbounded<Settlement>(new() { SingleReader = true });
    private readonly Task _loop;

    /// <summary>Starts to send.</summary>
    public AckSender(ChannelContext channel, TimeProvider time)
    {
        (_channel, _time) = (channel, time);
        _loop = Task.Run(SendUntilDisposedAsync);
    }

    /// <summary>The delivery is done.</summary>
    public void Acknowledge(ulong tag) =>
        _settlements.Writer.TryWrite(new Settlement(tag, IsDone: true, Requeue: false));

    /// <summary>The delivery is not done.</summary>
    public void Reject(ulong tag, bool requeue) =>
        _settlements.Writer.TryWrite(new Settlement(tag, IsDone: false, requeue));

    /// <summary>Sends what is left, as far as the channel takes it: on one that is gone an acknowledgement can wait for
    /// ever, and its endpoint would not consume again. What is not acknowledged is delivered again.</summary>
    public async ValueTask DisposeAsync()
    {
        _settlements.Writer.TryComplete();
        await _loop.WaitAsync(Farewell, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task SendUntilDisposedAsync()
    {
        try
        {
            while (await WaitAsync())
                await SendAsync();
            await SendScatteredAsync();
        }
        catch (Exception)
        {
            // Everything that was not acknowledged must be delivered again; a channel without acknowledgements would
            // stop instead.
            await _channel.Channel.AbortAsync(CancellationToken.None);
        }
    }

    // False when nothing comes any more.
    private async ValueTask<bool> WaitAsync()
    {
        if (!_window.HasWaiting)
            return await _settlements.Reader.WaitToReadAsync();
        var next = _settlements.Reader.WaitToReadAsync().AsTask();
        if (await Task.WhenAny(next, Task.Delay(Patience, _time)) != next)
            await SendScatteredAsync();
        return await next;
    }

    private async Task SendAsync()
    {
        while (_settlements.Reader.TryRead(out var settlement))
        {
            if (settlement.IsDone)
                _window.Acknowledge(settlement.Tag);
            else
                await RejectAsync(settlement);
        }

        if (_window.TakeRun() is { } last)
            await _channel.BasicAck(last, multiple: true, CancellationToken.None);
    }

    private async Task RejectAsync(Settlement settlement)
    {
        // Not basic.nack: RabbitMQ 4.3 does not count it towards the delivery limit.
        await _channel.Channel.BasicRejectAsync(settlement.Tag, settlement.Requeue, CancellationToken.None);
        _window.Settle(settlement.Tag);
    }

    private async Task SendScatteredAsync()
    {
        foreach (var tag in _window.TakeScattered())
            await _channel.BasicAck(tag, multiple: false, CancellationToken.None);
    }

    private readonly record struct Settlement(ulong Tag, bool IsDone, bool Requeue);
}
