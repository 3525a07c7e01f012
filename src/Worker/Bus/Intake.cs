using System.Diagnostics.CodeAnalysis;
using MassTransit.RabbitMqTransport;

namespace VoiceWorker.Bus;

/// <summary>
/// Whether a queue is consumed. Shut, the channel of its endpoint goes on without a consumer: what is in flight ends as
/// ever and is acknowledged, the worker gives nothing back, and MassTransit takes the endpoint for a running one. It
/// outlives the channels: one that begins while it is shut does not consume.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Its semaphore has no wait handle: nothing to dispose of.")]
internal sealed class Intake
{
    // Opening and shutting wait for the broker, and the endpoint of a channel can begin or end meanwhile.
    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile Tap? _tap;
    private volatile bool _isShut;

    /// <summary>Whether it is to be shut.</summary>
    public bool IsShut => _isShut;

    /// <summary>Whether it is: the broker sends no more.</summary>
    public bool HasStopped => _isShut && _tap is not { IsOpen: true };

    /// <summary>Shuts or opens it. Returns when the broker has confirmed that, or with the next channel it will be
    /// so.</summary>
    /// <returns>Whether that is another order than before.</returns>
    public async Task<bool> TurnAsync(bool isShut)
    {
        if (_isShut == isShut && (_tap is not { } tap || tap.IsOpen != isShut))
            return false;
        await _turn.WaitAsync();
        try
        {
            var isNew = _isShut != isShut;
            _isShut = isShut;
            if (_tap is { } now)
                await now.TurnAsync(isShut);
            return isNew;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>A channel begins.</summary>
    public async Task BeginAsync(Tap tap)
    {
        await _turn.WaitAsync();
        try
        {
            _tap = tap;
            if (!_isShut)
                await tap.OpenAsync();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>A channel is to consume no more.</summary>
    public async Task EndAsync(Tap tap)
    {
        await _turn.WaitAsync();
        try
        {
            Forget(tap);
            await tap.ShutAsync();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>A channel is gone.</summary>
    public void Forget(Tap tap)
    {
        if (_tap == tap)
            _tap = null;
    }
}

/// <summary>The consumer of one channel. Each opening has a tag of its own: a quorum queue of RabbitMQ 3.10 takes one
/// that comes back for the same consumer, and sends it once more what it still has in work.</summary>
internal sealed class Tap(ChannelContext channel, string firstTag, Func<string, Task<string>> consume)
{
    private string _nextTag = firstTag;
    private volatile string? _tag;

    /// <summary>Whether it has never consumed, or does so no more.</summary>
    public bool IsShut => _tag is null;

    /// <summary>Whether the broker sends.</summary>
    public bool IsOpen => _tag is not null && channel.Channel.IsOpen;

    /// <summary>The tag of now; without a consumer that of the next.</summary>
    public string Tag => _tag ?? _nextTag;

    /// <summary>Shuts or opens it, unless its channel is gone: another will come.</summary>
    public async Task TurnAsync(bool isShut)
    {
        try
        {
            await (isShut ? ShutAsync() : OpenAsync());
        }
        catch (Exception) when (!channel.Channel.IsOpen)
        {
            // MassTransit begins anew, and declares the queue where it was missing.
        }
    }

    public async Task OpenAsync()
    {
        if (_tag is not null)
            return;
        _tag = await consume(_nextTag);
        _nextTag = "";
    }

    /// <summary>Returns when nothing comes any more.</summary>
    public async Task ShutAsync()
    {
        if (_tag is not { } tag)
            return;
        await channel.BasicCancel(tag, CancellationToken.None);
        _tag = null;
    }
}
