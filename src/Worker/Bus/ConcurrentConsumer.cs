using System.Diagnostics.CodeAnalysis;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace VoiceWorker.Bus;

/// <summary>
/// Begins with each delivery without waiting for those before it. How many are in work is what the prefetch count
/// allows.
/// </summary>
/// <remarks>
/// The client could do so with as many dispatchers as deliveries, but all of them wake up for each delivery: with 5,000
/// of them that costs milliseconds of processor time a message while there is little to do.
/// </remarks>
/// <param name="consumer">MassTransit's.</param>
/// <param name="fast">Is asked first, if there is one.</param>
[SuppressMessage("Design", "CA1001", Justification = "Its token source has no timer: nothing to dispose of.")]
internal sealed class ConcurrentConsumer(
    IAsyncBasicConsumer consumer, InputFlow.Consuming flow, AckSender acks, FaultLog log, IFastPath? fast)
    : IAsyncBasicConsumer
{
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _lost = new();
    // One more until nothing comes any more.
    private int _taken = 1;
    private int _isDraining;
    private int _hasBegun;

    public IChannel? Channel => consumer.Channel;

    /// <summary>Completes when what the fast path has begun is done; after the consumer is cancelled.</summary>
    public Task DrainAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _isDraining, 1) == 0)
            Leave();
        return _drained.Task.WaitAsync(cancellationToken);
    }

    public Task HandleBasicDeliverAsync(
        string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey,
        IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        flow.Delivered();
        var delivery = new Delivered(consumerTag, deliveryTag, redelivered, exchange, routingKey, properties);
        // The client takes its memory back when this returns.
        if (redelivered || fast is null || !TryTake(delivery, body))
            PassOn(delivery, body.ToArray());
        return Task.CompletedTask;
    }

    private bool TryTake(Delivered delivery, ReadOnlyMemory<byte> body)
    {
        if (!TryEnter())
            return false;
        var taken = new FastDelivery(delivery.Properties, TimeProvider.System, _lost.Token);
        if (Begin(taken, body.Span) is { } handling)
        {
            _ = FollowAsync(handling, taken, delivery, body.ToArray());
            return true;
        }

        Leave();
        return false;
    }

    private Task? Begin(FastDelivery taken, ReadOnlySpan<byte> body)
    {
        try
        {
            return fast!.TryTake(taken, body);
        }
        catch (Exception)
        {
            // The client would swallow it. It comes again on MassTransit's path, which tells.
            return null;
        }
    }

    private async Task FollowAsync(Task handling, FastDelivery taken, Delivered delivery, byte[] body)
    {
        try
        {
            await handling;
            flow.Settled();
            acks.Acknowledge(delivery.Tag);
        }
        catch (Exception) when (_lost.IsCancellationRequested)
        {
            flow.Settled();
        }
        catch (Exception failure)
        {
            Fail(new FastFailure(failure, taken.IsAnswered), delivery, body);
        }
        finally
        {
            Leave();
        }
    }

    private void Fail(FastFailure failed, Delivered delivery, byte[] body)
    {
        if (Volatile.Read(ref _isDraining) == 1)
        {
            // MassTransit's consumer begins with nothing any more.
            HandBack(delivery.Tag, failed.Failure);
            return;
        }

        failed.Note(delivery.Properties);
        PassOn(delivery, body);
    }

    private void PassOn(Delivered delivery, byte[] body)
    {
        var handling = consumer.HandleBasicDeliverAsync(
            delivery.ConsumerTag, delivery.Tag, delivery.IsRedelivered, delivery.Exchange, delivery.RoutingKey,
            delivery.Properties, body, CancellationToken.None);
        // It settles whatever goes wrong, except where it cannot even begin.
        if (handling is { IsFaulted: true, Exception: { } failure })
            HandBack(delivery.Tag, failure.GetBaseException());
    }

    // Not when the drain is over: what was acknowledged after that would be lost with the channel.
    private bool TryEnter()
    {
        for (var taken = Volatile.Read(ref _taken); taken > 0; taken = Volatile.Read(ref _taken))
        {
            if (Interlocked.CompareExchange(ref _taken, taken + 1, taken) == taken)
                return true;
        }

        return false;
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _taken) == 0)
            _drained.TrySetResult();
    }

    private void HandBack(ulong deliveryTag, Exception failure)
    {
        flow.Settled();
        acks.Reject(deliveryTag, requeue: true);
        log.HandedBack(failure);
    }

    // Once: MassTransit is not to know of a pause.
    public Task HandleBasicConsumeOkAsync(string consumerTag, CancellationToken cancellationToken = default) =>
        Interlocked.Exchange(ref _hasBegun, 1) == 1 ? Task.CompletedTask
            : consumer.HandleBasicConsumeOkAsync(consumerTag, cancellationToken);

    // Nor of its beginning; and when it stops by itself it does not wait for this.
    public Task HandleBasicCancelOkAsync(string consumerTag, CancellationToken cancellationToken = default) =>
        Task.CompletedTask;

    public Task HandleBasicCancelAsync(string consumerTag, CancellationToken cancellationToken = default) =>
        consumer.HandleBasicCancelAsync(consumerTag, cancellationToken);

    public async Task HandleChannelShutdownAsync(object channel, ShutdownEventArgs reason)
    {
        await _lost.CancelAsync();
        await consumer.HandleChannelShutdownAsync(channel, reason);
    }

    private readonly record struct Delivered(
        string ConsumerTag, ulong Tag, bool IsRedelivered, string Exchange, string RoutingKey,
        IReadOnlyBasicProperties Properties);
}
