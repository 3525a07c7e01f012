using MassTransit;
using MassTransit.Middleware;
using MassTransit.RabbitMqTransport;
using RabbitMQ.Client;

namespace VoiceWorker.Bus;

/// <summary>A receive endpoint's channel whose deliveries do not wait for each other and whose acknowledgements all go
/// through one sender; the rest is passed on.</summary>
internal sealed class CoalescingChannel(
    ChannelContext channel, AckSender acks, InputFlow.Consuming flow, Intake intake, FaultLog log, IFastPath? fast)
    : ProxyPipeContext(channel), ChannelContext
{
    private ConcurrentConsumer? _consumer;
    private Tap? _tap;

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

    public async Task<string> BasicConsume(
        string queue, bool noAck, bool exclusive, IDictionary<string, object?> arguments,
        IAsyncBasicConsumer consumer, string consumerTag, CancellationToken cancellationToken)
    {
        var concurrent = _consumer = new ConcurrentConsumer(consumer, flow, acks, log, fast);
        // The client tells it only while it consumes.
        channel.Channel.ChannelShutdownAsync += concurrent.HandleChannelShutdownAsync;
        _tap = new Tap(channel, consumerTag, tag =>
        {
            flow.Opens();
            return channel.BasicConsume(
                queue, noAck, exclusive, arguments, concurrent, tag, CancellationToken.None);
        });
        await intake.BeginAsync(_tap).WaitAsync(cancellationToken);
        if (_tap.IsShut)
            await concurrent.HandleBasicConsumeOkAsync(_tap.Tag, cancellationToken);
        return _tap.Tag;
    }

    // MassTransit does so when it stops, and then waits for its own deliveries before it closes the channel.
    public async Task BasicCancel(string consumerTag, CancellationToken cancellationToken)
    {
        if (_consumer is not { } consumer || _tap is not { } tap)
            return;
        await intake.EndAsync(tap).WaitAsync(cancellationToken);
        await consumer.DrainAsync(cancellationToken);
    }

    /// <summary>The channel is gone.</summary>
    public void Forget()
    {
        if (_tap is { } tap)
            intake.Forget(tap);
    }

    public void NotifyFaulted(Exception exception, Uri inputAddress) => channel.NotifyFaulted(exception, inputAddress);
}

/// <summary>Gives a receive endpoint a channel that coalesces its acknowledgements, for as long as it consumes on
/// it.</summary>
internal sealed class CoalesceAcksFilter(InputFlow flow, FaultLog log, IFastPath? fast, TimeProvider time)
    : IFilter<ChannelContext>
{
    public async Task Send(ChannelContext context, IPipe<ChannelContext> next)
    {
        await using var acks = new AckSender(context, time);
        var consuming = flow.Begin(context.ConnectionContext.Connection);
        var channel = new CoalescingChannel(context, acks, consuming, flow.Intake, log, fast);
        try
        {
            await next.Send(channel);
        }
        finally
        {
            channel.Forget();
            flow.End(consuming);
        }
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("coalesceAcks");
}
