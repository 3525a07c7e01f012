using MassTransit;
using MassTransit.Middleware;
using MassTransit.RabbitMqTransport;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace VoiceWorker.Bus;

/// <summary>A receive endpoint's channel whose deliveries do not wait for each other and whose acknowledgements all go
/// through one sender; the rest is passed on.</summary>
internal sealed class CoalescingChannel(
    ChannelContext channel, AckSender acks, InputFlow.Consuming flow, FaultLog log)
    : ProxyPipeContext(channel), ChannelContext
{
    public IChannel Channel => channel.Channel;

    public ConnectionContext ConnectionContext => channel.ConnectionContext;

    public ValueTask BasicAck(ulong deliveryTag, bool multiple, CancellationToken cancellationToken)
    {
        flow.Settled();
        acks.Acknowledge(deliveryTag);
        return ValueTask.CompletedTask;
    }

    public Task BasicNack(ulong deliveryTag, bool multiple, bool requeue, CancellationToken cancellationToken)
    {
        flow.Settled();
        acks.Reject(deliveryTag, requeue);
        return Task.CompletedTask;
    }

    public Task BasicPublishAsync(
        string exchange, string routingKey, bool mandatory, BasicProperties basicProperties, byte[] body, bool awaitAck,
        CancellationToken cancellationToken) =>
        channel.BasicPublishAsync(exchange, routingKey, mandatory, basicProperties, body, awaitAck, cancellationToken);

    public Task ExchangeBind(
        string destination, string source, string routingKey, IDictionary<string, object?> arguments,
        CancellationToken cancellationToken) =>
        channel.ExchangeBind(destination, source, routingKey, arguments, cancellationToken);

    public Task ExchangeDeclare(
        string exchange, string type, bool durable, bool autoDelete, IDictionary<string, object?> arguments,
        CancellationToken cancellationToken) =>
        channel.ExchangeDeclare(exchange, type, durable, autoDelete, arguments, cancellationToken);

    public Task ExchangeDeclarePassive(string exchange, CancellationToken cancellationToken) =>
        channel.ExchangeDeclarePassive(exchange, cancellationToken);

    public Task QueueBind(
        string queue, string exchange, string routingKey, IDictionary<string, object?> arguments,
        CancellationToken cancellationToken) =>
        channel.QueueBind(queue, exchange, routingKey, arguments, cancellationToken);

    public Task<QueueDeclareOk> QueueDeclare(
        string queue, bool durable, bool exclusive, bool autoDelete, IDictionary<string, object?> arguments,
        CancellationToken cancellationToken) =>
        channel.QueueDeclare(queue, durable, exclusive, autoDelete, arguments, cancellationToken);

    public Task<QueueDeclareOk> QueueDeclarePassive(string queue, CancellationToken cancellationToken) =>
        channel.QueueDeclarePassive(queue, cancellationToken);

    public Task<uint> QueuePurge(string queue, CancellationToken cancellationToken) =>
        channel.QueuePurge(queue, cancellationToken);

    public Task BasicQos(uint prefetchSize, ushort prefetchCount, bool global, CancellationToken cancellationToken) =>
        channel.BasicQos(prefetchSize, prefetchCount, global, cancellationToken);

    public Task<string> BasicConsume(
        string queue, bool noAck, bool exclusive, IDictionary<string, object?> arguments,
        IAsyncBasicConsumer consumer, string consumerTag, CancellationToken cancellationToken) =>
        channel.BasicConsume(
            queue, noAck, exclusive, arguments, new ConcurrentConsumer(consumer, flow, acks, log), consumerTag,
            cancellationToken);

    public Task BasicCancel(string consumerTag, CancellationToken cancellationToken) =>
        channel.BasicCancel(consumerTag, cancellationToken);

    public void NotifyFaulted(Exception exception, Uri inputAddress) => channel.NotifyFaulted(exception, inputAddress);
}

/// <summary>Gives a receive endpoint a channel that coalesces its acknowledgements, for as long as it consumes on
/// it.</summary>
internal sealed class CoalesceAcksFilter(InputFlow flow, FaultLog log, TimeProvider time) : IFilter<ChannelContext>
{
    public async Task Send(ChannelContext context, IPipe<ChannelContext> next)
    {
        await using var acks = new AckSender(context, time);
        var consuming = flow.Begin(context.ConnectionContext.Connection);
        try
        {
            await next.Send(new CoalescingChannel(context, acks, consuming, log));
        }
        finally
        {
            flow.End(consuming);
        }
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("coalesceAcks");
}

/// <summary>
/// Begins with each delivery without waiting for those before it. How many are in work is what the prefetch count
/// allows.
/// </summary>
/// <remarks>
/// The client could do so with as many dispatchers as deliveries, but all of them wake up for each delivery: with 5,000
/// of them that costs milliseconds of processor time a message while there is little to do.
/// </remarks>
internal sealed class ConcurrentConsumer(
    IAsyncBasicConsumer consumer, InputFlow.Consuming flow, AckSender acks, FaultLog log)
    : IAsyncBasicConsumer
{
    public IChannel? Channel => consumer.Channel;

    public Task HandleBasicDeliverAsync(
        string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey,
        IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        flow.Delivered();
        // The client takes its memory back when this returns.
        var handling = consumer.HandleBasicDeliverAsync(
            consumerTag, deliveryTag, redelivered, exchange, routingKey, properties, body.ToArray(), cancellationToken);
        // MassTransit's consumer settles whatever goes wrong, except where it cannot even begin.
        if (handling is { IsFaulted: true, Exception: { } failure })
            HandBack(deliveryTag, failure.GetBaseException());
        return Task.CompletedTask;
    }

    private void HandBack(ulong deliveryTag, Exception failure)
    {
        flow.Settled();
        acks.Reject(deliveryTag, requeue: true);
        log.HandedBack(failure);
    }

    public Task HandleBasicConsumeOkAsync(string consumerTag, CancellationToken cancellationToken = default) =>
        consumer.HandleBasicConsumeOkAsync(consumerTag, cancellationToken);

    public Task HandleBasicCancelOkAsync(string consumerTag, CancellationToken cancellationToken = default) =>
        consumer.HandleBasicCancelOkAsync(consumerTag, cancellationToken);

    public Task HandleBasicCancelAsync(string consumerTag, CancellationToken cancellationToken = default) =>
        consumer.HandleBasicCancelAsync(consumerTag, cancellationToken);

    public Task HandleChannelShutdownAsync(object channel, ShutdownEventArgs reason) =>
        consumer.HandleChannelShutdownAsync(channel, reason);
}
