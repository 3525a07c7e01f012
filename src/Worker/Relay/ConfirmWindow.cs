using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace VoiceWorker.Relay;

/// <summary>
/// The confirms of one page that is published without waiting in between: one wait for all of them. An event is
/// confirmed when the broker acknowledged it and did not return it.
/// </summary>
internal sealed class ConfirmWindow
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _returned = [];
    private readonly TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly bool[] _rejected;
    private readonly bool[] _answered;
    private readonly ulong _first;
    private int _sent;
    private int _outstanding;
    private volatile bool _hasRejected;
    private volatile bool _hasReturned;

    /// <summary>A window over the next messages of a channel.</summary>
    /// <param name="first">Publish sequence number of the first.</param>
    /// <param name="count">How many, at least one.</param>
    public ConfirmWindow(ulong first, int count)
    {
        (_first, _sent, _outstanding) = (first, count, count);
        (_rejected, _answered) = (new bool[count], new bool[count]);
    }

    /// <summary>Completes when the broker has answered for every message; fails when the channel closes
    /// before.</summary>
    public Task Settled => _settled.Task;

    /// <summary>Whether the broker has refused one already.</summary>
    public bool HasRejected => _hasRejected;

    /// <summary>Whether one has reached no queue already.</summary>
    public bool HasReturned => _hasReturned;

    /// <summary>How many messages it is about.</summary>
    public int Sent => _sent;

    /// <summary>No more messages are sent: those that are left are not waited for.</summary>
    /// <param name="sent">How many were.</param>
    public void End(int sent)
    {
        lock (_lock)
        {
            _outstanding -= _sent - sent;
            _sent = sent;
            if (_outstanding == 0)
                _settled.TrySetResult();
        }
    }

    public Task OnAckAsync(object sender, BasicAckEventArgs ack) =>
        Settle(ack.DeliveryTag, ack.Multiple, rejected: false);

    public Task OnNackAsync(object sender, BasicNackEventArgs nack) =>
        Settle(nack.DeliveryTag, nack.Multiple, rejected: true);

    // A message that cannot be routed is returned first and acknowledged then.
    public Task OnReturnAsync(object sender, BasicReturnEventArgs returned)
    {
        lock (_lock)
            _returned.Add(returned.BasicProperties.MessageId ?? "");
        _hasReturned = true;
        return Task.CompletedTask;
    }

    public Task OnShutdownAsync(object sender, ShutdownEventArgs reason)
    {
        _settled.TrySetException(new RabbitMQ.Client.Exceptions.AlreadyClosedException(reason));
        return Task.CompletedTask;
    }

    /// <summary>Whether the broker refused it, as a full queue with reject-publish does.</summary>
    /// <param name="position">In the page.</param>
    public bool IsRejected(int position) => _rejected[position];

    /// <summary>Whether it reached no queue.</summary>
    public bool IsReturned(string messageId) => _returned.Contains(messageId);

    private Task Settle(ulong tag, bool multiple, bool rejected)
    {
        lock (_lock)
        {
            var last = (int)(tag - _first);
            for (var position = multiple ? 0 : last; position <= last && position < _sent; position++)
            {
                if (position < 0 || _answered[position])
                    continue;
                _answered[position] = true;
                _rejected[position] = rejected;
                _hasRejected |= rejected;
                _outstanding--;
            }

            if (_outstanding == 0)
                _settled.TrySetResult();
        }

        return Task.CompletedTask;
    }
}

/// <summary>What the broker says on one channel, told to the windows that are open.</summary>
/// <remarks>
/// The handlers stay from the channel's first message to its end: RabbitMQ.Client invokes a copy of its list of them,
/// and one that is added while a confirm arrives can be missing there, and hear nothing, until another is added.
/// </remarks>
internal sealed class ChannelConfirms
{
    private readonly Lock _lock = new();
    private volatile ConfirmWindow[] _open = [];
    private ShutdownEventArgs? _end;

    public ChannelConfirms(IChannel channel)
    {
        channel.BasicAcksAsync += (_, ack) => Tell(ack, static (window, ack) => window.OnAckAsync(window, ack));
        channel.BasicNacksAsync += (_, nack) => Tell(nack, static (window, nack) => window.OnNackAsync(window, nack));
        channel.BasicReturnAsync += (_, returned) =>
            Tell(returned, static (window, returned) => window.OnReturnAsync(window, returned));
        channel.ChannelShutdownAsync += OnShutdownAsync;
    }

    /// <summary>Tells a window until the result is disposed of.</summary>
    public Listening Hear(ConfirmWindow window)
    {
        lock (_lock)
        {
            _open = [.. _open, window];
            if (_end is { } end)
                window.OnShutdownAsync(this, end);
        }

        return new(this, window);
    }

    private Task OnShutdownAsync(object sender, ShutdownEventArgs reason)
    {
        lock (_lock)
        {
            _end = reason;
            return Tell(reason, static (window, reason) => window.OnShutdownAsync(window, reason));
        }
    }

    // None of them waits for anything.
    private Task Tell<T>(T said, Func<ConfirmWindow, T, Task> to)
    {
        foreach (var window in _open)
            to(window, said);
        return Task.CompletedTask;
    }

    private void Leave(ConfirmWindow window)
    {
        lock (_lock)
            _open = [.. _open.Where(open => open != window)];
    }

    /// <summary>For as long as the confirms of a page are heard.</summary>
    internal readonly record struct Listening(ChannelConfirms Channel, ConfirmWindow Window) : IDisposable
    {
        public void Dispose() => Channel.Leave(Window);
    }
}
