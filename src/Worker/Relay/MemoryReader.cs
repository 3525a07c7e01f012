using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace VoiceWorker.Relay;

/// <summary>Reads the stream of <see cref="PublishedMemory"/> up to a mark that it publishes first.</summary>
internal static class MemoryReader
{
    // A stream delivers only within a limit. A page has up to a few megabytes.
    private const ushort Prefetch = 16;

    private static readonly CreateChannelOptions Confirmed = new(
        publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);

    public static async Task<IReadOnlyList<RememberedPage>> ReadAsync(
        IConnection connection, DateTimeOffset? since, RememberedPage mark, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannelAsync(Confirmed, cancellationToken);
        await channel.BasicPublishAsync(
            "", PublishedMemory.Queue, mandatory: true, mark.Properties, mark.Body, cancellationToken);
        await channel.BasicQosAsync(0, Prefetch, global: false, cancellationToken);
        var pages = new List<RememberedPage>();
        var marked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, message) =>
        {
            var page = RememberedPage.Read(message.BasicProperties, message.Body);
            if (page.Id == mark.Id)
                marked.TrySetResult();
            else
                pages.Add(page);
            await channel.BasicAckAsync(message.DeliveryTag, multiple: false);
        };
        consumer.ShutdownAsync += (_, reason) =>
        {
            marked.TrySetException(new RabbitMQ.Client.Exceptions.AlreadyClosedException(reason));
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(
            PublishedMemory.Queue, autoAck: false, "", noLocal: false, exclusive: false, OffsetOf(since), consumer,
            cancellationToken);
        await marked.Task.WaitAsync(cancellationToken);
        return pages;
    }

    // An instant means the part of the log that holds it, or the next one.
    private static Dictionary<string, object?> OffsetOf(DateTimeOffset? since) => new()
    {
        ["x-stream-offset"] = since is { } instant ? new AmqpTimestamp(instant.ToUnixTimeSeconds()) : "first",
    };
}
