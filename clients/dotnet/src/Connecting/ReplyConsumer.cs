using RabbitMQ.Client;

namespace VoiceWorker.Client.Connecting;

/// <summary>Hears replies: correlation id, AMQP type, body.</summary>
internal sealed class ReplyConsumer(IChannel channel, Action<string?, string?, ReadOnlyMemory<byte>> onReply)
    : AsyncDefaultBasicConsumer(channel)
{
    public override Task HandleBasicDeliverAsync(
        string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey,
        IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        onReply(properties.CorrelationId, properties.Type, body);
        return Task.CompletedTask;
    }
}
