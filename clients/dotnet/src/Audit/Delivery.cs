using System.Threading.Channels;
using RabbitMQ.Client;

namespace VoiceWorker.Client.Audit;

/// <summary>A message as it came, and by which tag it is acknowledged.</summary>
internal sealed record Delivery(ulong Tag, string? Type, bool IsReplay, byte[] Body);

/// <summary>Hands deliveries over, as many as the prefetch allows.</summary>
internal sealed class DeliveryConsumer(IChannel channel, ChannelWriter<Delivery> deliveries)
    : AsyncDefaultBasicConsumer(channel)
{
    public override Task HandleBasicDeliverAsync(
        string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey,
        IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        var isReplay = properties.Headers?.TryGetValue("x-replay", out var replay) == true && replay is true;
        // The memory is RabbitMQ.Client's, which takes it back.
        deliveries.TryWrite(new Delivery(deliveryTag, properties.Type, isReplay, body.ToArray()));
        return Task.CompletedTask;
    }

    // The queue was deleted, or its node has gone.
    public override Task HandleBasicCancelAsync(string consumerTag, CancellationToken cancellationToken = default)
    {
        deliveries.TryComplete(new IOException("RabbitMQ has ended the consumer"));
        return Task.CompletedTask;
    }
}
