using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using VoiceWorker.Commit;
using VoiceWorker.Servers;

namespace VoiceWorker.Bus;

/// <summary>
/// Publishes replies in their order on a connection of its own, as many at a time as its window is wide, and says of
/// each what became of it. A channel that the broker closes is opened again for the next reply.
/// </summary>
internal sealed class ReplyLane : IAsyncDisposable
{
    private const int Capacity = 20_000;
    private static readonly TimeSpan ConfirmPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BetweenConnections = TimeSpan.FromSeconds(1);
    private static readonly CreateChannelOptions Confirmed = new(
        publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true,
        outstandingPublisherConfirmationsRateLimiter: null);

    private readonly Action<Reply, Exception?> _settle;
    private readonly TimeProvider _time;
    private readonly PublishingConnection _connection;
    private readonly SemaphoreSlim _window;
    private readonly Channel<Reply> _waiting = Channel.CreateBounded<Reply>(
        new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly CancellationTokenSource _left = new();
    private readonly Task _loop;
    private IChannel? _channel;
    private long _distrusted;

    /// <summary>Connects when the first reply comes.</summary>
    /// <param name="name">Of the connection.</param>
    /// <param name="window">How many may be unconfirmed at a time.</param>
    /// <param name="settle">Called once for each reply that was taken; the failure is null when it is
    /// confirmed.</param>
    public ReplyLane(
        ConnectionOptions servers, string name, int window, Action<Reply, Exception?> settle, TimeProvider time)
    {
        (_settle, _time) = (settle, time);
        (_connection, _window) = (new PublishingConnection(servers, name), new SemaphoreSlim(window));
        _loop = Task.Run(PublishUntilLeftAsync);
    }

    /// <summary>Whether the broker takes no reply at present: it has an alarm.</summary>
    public bool IsBlocked => _connection.IsBlocked;

    /// <summary>False when too many wait already.</summary>
    public bool TryTake(Reply reply) => _waiting.Writer.TryWrite(reply);

    /// <summary>Leaves what still waits; each is settled.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _left.CancelAsync();
        await _loop;
        await _connection.DisposeAsync();
    }

    private async Task PublishUntilLeftAsync()
    {
        await foreach (var reply in _waiting.Reader.ReadAllAsync(CancellationToken.None))
        {
            try
            {
                await PublishAsync(reply);
            }
            catch (Exception failure)
            {
                _settle(reply, failure);
            }
        }
    }

    private async Task PublishAsync(Reply reply)
    {
        if (reply.Left(_time) is var left && left <= TimeSpan.Zero)
            throw new TimeoutException();
        if (!await _window.WaitAsync(left, _left.Token))
            throw new TimeoutException();
        try
        {
            var isReady = _channel is { IsOpen: true } && _connection is { IsBlocked: false, IsDistrusted: false };
            _ = ConfirmAsync(isReady ? _channel! : await OpenAsync(reply), reply);
        }
        catch
        {
            _window.Release();
            throw;
        }
    }

    private async Task<IChannel> OpenAsync(Reply reply)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_left.Token);
        patience.CancelAfter(reply.Left(_time) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero);
        Exception? obstacle = null;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var connection = await _connection.OpenAsync(patience.Token);
                if (_channel is not { IsOpen: true })
                    _channel = await connection.CreateChannelAsync(Confirmed, patience.Token);
                return _channel;
            }
            catch (Exception failure) when (!patience.IsCancellationRequested)
            {
                obstacle = failure;
            }
            catch (OperationCanceledException) when (!_left.IsCancellationRequested)
            {
                throw new TimeoutException(null, obstacle);
            }

            await Task.Delay(Retry.DelayAfter(attempt), _time, patience.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Completes when the reply is settled; until it is written, the next one waits in the client.
    private async Task ConfirmAsync(IChannel channel, Reply reply)
    {
        Exception? failure = null;
        try
        {
            var confirmed = channel.BasicPublishAsync(
                "", reply.Queue, IsMandatory(reply), reply.PropertiesAt(_time), reply.Body, _left.Token).AsTask();
            do
            {
                await confirmed.WaitAsync(ConfirmPatience, _time)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            while (!confirmed.IsCompleted && _connection.IsBlocked && reply.Left(_time) > TimeSpan.Zero);
            if (!confirmed.IsCompleted)
                throw new UnconfirmedReplyException();
            await confirmed;
        }
        catch (Exception unconfirmed)
        {
            failure = unconfirmed;
        }

        if (failure is UnconfirmedReplyException or PublishException { IsReturn: false })
            Distrust();

        try
        {
            _settle(reply, failure);
        }
        finally
        {
            _window.Release();
        }
    }

    // The node may be gone without a word. And a channel that was first used in an instant in which a queue had no
    // leader can refuse everything from then on; but the next one is not better where the caller's queue is full.
    private void Distrust()
    {
        if (_time.GetElapsedTime(_distrusted) < BetweenConnections)
            return;
        _distrusted = _time.GetTimestamp();
        _connection.Distrust();
    }

    // RabbitMQ returns a mandatory reply to a direct reply-to name also where it has delivered it.
    private static bool IsMandatory(Reply reply) => !reply.IsDirect;
}

/// <summary>A reply was not confirmed for seconds, on a connection that seems to be open.</summary>
internal sealed class UnconfirmedReplyException : IOException;
