using System.Collections.Frozen;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using VoiceWorker.Observability;
using VoiceWorker.Servers;

namespace VoiceWorker.Bus;

/// <summary>
/// Publishes replies, best effort, and never on a connection that consumes: the sender does not wait, and what cannot
/// be delivered is a lost reply, counted and logged, and nothing else.
/// </summary>
/// <remarks>
/// Two lanes. Replies go together; when the broker closes that channel or connection, one of those that are not
/// confirmed is the cause, and they are tried once more alone, each before the next. So one reply costs itself only.
/// What is likely to be refused, a direct reply-to name of a node that is not known, goes alone from the start. A reply
/// can arrive twice. A delivery is acknowledged when its reply is settled, so that a worker which dies with the reply
/// leaves the delivery to another; but replies that do not get away hold up no queue.
/// </remarks>
internal sealed class ReplyPublisher : IAsyncDisposable
{
    private const int Window = 1_000;
    private const int MostAttempts = 5;

    // How long a delivery waits for its reply: the broker has lost a node, and the callers come back with it.
    private static readonly TimeSpan AckPatience = TimeSpan.FromSeconds(5);

    // After a nack: the queue may get another leader, or room, and the lane another connection.
    private static readonly TimeSpan NackRest = TimeSpan.FromSeconds(1);

    // The worker's own queues: a reply there would be taken for a message, and moved as a broken one.
    private static readonly FrozenSet<string> OwnQueues = InputQueue.All
        .SelectMany(queue => queue.DeadLetters.Append(queue.Name)).ToFrozenSet(StringComparer.Ordinal);

    private readonly ReplyLosses _losses;
    private readonly TimeProvider _time;
    private readonly DirectReplyNodes _nodes;
    private readonly ReplyLane _together;
    private readonly ReplyLane _alone;
    private readonly int _mostHeld;
    private long _pending;
    private int _held;

    /// <summary>Connects when the first reply comes.</summary>
    public ReplyPublisher(
        IOptions<ConnectionOptions> servers, IOptions<BusOptions> bus, ReplyLosses losses, TimeProvider time)
    {
        // Deliveries that wait must leave room for others.
        _mostHeld = Math.Max(1, bus.Value.Prefetch / 2);
        (_losses, _time, _nodes) = (losses, time, new DirectReplyNodes(time));
        _together = new ReplyLane(servers.Value, "voice-worker replies", Window, SettleTogether, time);
        _alone = new ReplyLane(servers.Value, "voice-worker replies alone", window: 1, SettleAlone, time);
    }

    /// <summary>Takes a reply over; returns at once.</summary>
    /// <returns>Completes when the delivery may be acknowledged: the reply is confirmed or lost, or cannot leave for
    /// now.</returns>
    public Task Send(Reply reply)
    {
        Publish(reply);
        return reply.Settled.IsCompleted || _together.IsBlocked || _alone.IsBlocked
            || Volatile.Read(ref _held) >= _mostHeld
            ? Task.CompletedTask : HoldAsync(reply);
    }

    private async Task HoldAsync(Reply reply)
    {
        Interlocked.Increment(ref _held);
        await reply.Settled.WaitAsync(AckPatience, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Interlocked.Decrement(ref _held);
    }

    private void Publish(Reply reply)
    {
        Interlocked.Increment(ref _pending);
        var standing = reply.IsDirect ? _nodes.Of(reply.Queue) : DirectReplyNodes.Standing.Reached;
        if (!reply.IsSayable || OwnQueues.Contains(reply.Queue))
            Lose(reply, ReplyLoss.Unroutable, "there can be no such reply queue");
        else if (standing is DirectReplyNodes.Standing.Refused)
            Lose(reply, ReplyLoss.Unroutable, "the broker refuses replies to such a direct reply-to name");
        else
            Take(standing is DirectReplyNodes.Standing.Reached ? _together : _alone, reply);
    }

    /// <summary>Waits until every reply is settled.</summary>
    /// <returns>False when that takes too long.</returns>
    public async Task<bool> DrainAsync(TimeSpan patience)
    {
        var began = _time.GetTimestamp();
        while (Interlocked.Read(ref _pending) > 0)
        {
            if (_time.GetElapsedTime(began) > patience)
                return false;
            await Task.Delay(TimeSpan.FromMilliseconds(5), _time, CancellationToken.None);
        }

        return true;
    }

    public async ValueTask DisposeAsync()
    {
        await _together.DisposeAsync();
        await _alone.DisposeAsync();
    }

    private void Take(ReplyLane lane, Reply reply)
    {
        if (!lane.TryTake(reply))
            Lose(reply, ReplyLoss.Overflow, "too many replies wait for the broker");
    }

    private void SettleTogether(Reply reply, Exception? failure)
    {
        if (IsClosed(failure))
            Take(_alone, reply with { Attempts = reply.Attempts + 1 });
        else if (IsNack(failure) && !reply.IsNacked && reply.Left(_time) > NackRest)
            _ = TakeAgainAsync(reply with { IsNacked = true });
        else
            Conclude(reply, failure);
    }

    private async Task TakeAgainAsync(Reply reply)
    {
        await Task.Delay(NackRest, _time, CancellationToken.None);
        Take(_together, reply);
    }

    private void SettleAlone(Reply reply, Exception? failure)
    {
        if (failure is null && reply.IsDirect)
            _nodes.Reached(reply.Queue);
        if (!IsClosed(failure) || reply.Attempts >= MostAttempts)
        {
            Conclude(reply, failure);
        }
        else if (RefusalIn(failure) is { } refusal)
        {
            if (reply.IsDirect)
                _nodes.Refuse(reply.Queue);
            Lose(reply, ReplyLoss.Refused, refusal.ReplyText);
        }
        else
        {
            Take(_alone, reply with { Attempts = reply.Attempts + 1 });
        }
    }

    private void Conclude(Reply reply, Exception? failure)
    {
        if (failure is null)
            Settle(reply);
        else
            Lose(reply, LossOf(failure), ReasonOf(failure));
    }

    private void Settle(Reply reply)
    {
        Interlocked.Decrement(ref _pending);
        reply.Settle();
    }

    private void Lose(Reply reply, ReplyLoss loss, string reason)
    {
        Settle(reply);
        _losses.Note(loss, reason);
    }

    private static ReplyLoss LossOf(Exception failure) => failure switch
    {
        TimeoutException or UnconfirmedReplyException => ReplyLoss.Late,
        OperationCanceledException => ReplyLoss.Stopped,
        _ when IsNack(failure) || failure is RabbitMQClientException and not PublishException => ReplyLoss.Refused,
        _ => ReplyLoss.Unroutable,
    };

    private static string ReasonOf(Exception failure) => failure switch
    {
        TimeoutException { InnerException: { } obstacle } =>
            $"not published in time: {ServerFailure.Describe(obstacle)}",
        TimeoutException or UnconfirmedReplyException => "not confirmed in time",
        OperationCanceledException => "the worker stops",
        PublishException { IsReturn: true } => "there is no such reply queue",
        PublishException => "nacked by the broker: a reply queue that is full or has no leader does so",
        OperationInterruptedException { ShutdownReason: { } closed } => closed.ReplyText,
        _ => DeliveryFailure.Of(failure).Words,
    };

    private static bool IsNack(Exception? failure) => failure is PublishException { IsReturn: false };

    // Whatever closes a channel or a connection ends everything that is unconfirmed on it.
    private static bool IsClosed(Exception? failure) => failure is OperationInterruptedException
        or ObjectDisposedException or IOException or System.Net.Sockets.SocketException;

    // The broker says why; a connection that broke says nothing.
    private static ShutdownEventArgs? RefusalIn(Exception? failure) =>
        failure is OperationInterruptedException
        {
            ShutdownReason: { Initiator: ShutdownInitiator.Peer, ReplyCode: >= 400 } reason,
        }
            ? reason : null;
}
