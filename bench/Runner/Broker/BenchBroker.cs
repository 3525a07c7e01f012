using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using VoiceWorker.Bench.Work;

namespace VoiceWorker.Bench.Broker;

/// <summary>The bench's own connection to the broker: sends the work, counts and reads what came of it.</summary>
internal sealed class BenchBroker : IAsyncDisposable
{
    private const int ConfirmBatch = 500;
    private static readonly CreateChannelOptions Confirmed = new(
        publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true,
        outstandingPublisherConfirmationsRateLimiter: null);

    private readonly IConnection _connection;
    private readonly IChannel _publishing;

    private BenchBroker(IConnection connection, IChannel publishing, IChannel asking) =>
        (_connection, _publishing, Channel) = (connection, publishing, asking);

    /// <summary>For questions and consumers; without confirms.</summary>
    public IChannel Channel { get; }

    public static async Task<BenchBroker> OpenAsync(Uri broker, CancellationToken cancellationToken)
    {
        var factory = new ConnectionFactory { Uri = broker, AutomaticRecoveryEnabled = false };
        var connection = await factory.CreateConnectionAsync("bench", cancellationToken);
        return new BenchBroker(connection, await connection.CreateChannelAsync(Confirmed, cancellationToken),
            await connection.CreateChannelAsync(cancellationToken: cancellationToken));
    }

    /// <summary>A channel of its own, without confirms.</summary>
    public Task<IChannel> OpenChannelAsync(CancellationToken cancellationToken) =>
        _connection.CreateChannelAsync(cancellationToken: cancellationToken);

    /// <summary>Publishes a stretch of the work, persistent; returns when all of it is confirmed.</summary>
    public async Task PublishAsync(IWork work, int first, int count, CancellationToken cancellationToken)
    {
        var properties = new BasicProperties { DeliveryMode = DeliveryModes.Persistent, ContentType = "application/json" };
        for (var done = 0; done < count; done += ConfirmBatch)
        {
            var batch = Enumerable.Range(first + done, Math.Min(ConfirmBatch, count - done)).Select(index =>
                _publishing.BasicPublishAsync(work.Exchange, "", mandatory: true, properties, work.Body(index), cancellationToken).AsTask());
            await Task.WhenAll(batch.ToList());
        }
    }

    /// <summary>Messages that wait in a queue.</summary>
    public async Task<int> DepthAsync(string queue, CancellationToken cancellationToken) =>
        (int)(await Channel.QueueDeclarePassiveAsync(queue, cancellationToken)).MessageCount;

    /// <summary>Whether somebody consumes from a queue; one that is not there closes a channel, and so gets one of its own.</summary>
    public async Task<bool> HasConsumerAsync(string queue, CancellationToken cancellationToken)
    {
        await using var channel = await OpenChannelAsync(cancellationToken);
        try
        {
            return (await channel.QueueDeclarePassiveAsync(queue, cancellationToken)).ConsumerCount > 0;
        }
        catch (OperationInterruptedException)
        {
            return false;
        }
    }

    /// <summary>Takes so many messages out of a queue, in order.</summary>
    public async Task TakeAsync(string queue, int count, Action<BasicDeliverEventArgs> taken, CancellationToken cancellationToken)
    {
        if (count == 0)
            return;
        var (done, left) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), count);
        await using var channel = await OpenChannelAsync(cancellationToken);
        // Acknowledged all at once in the end: what is beyond the count stays in the queue.
        await channel.BasicQosAsync(0, (ushort)Math.Min(count, ushort.MaxValue), global: false, cancellationToken);
        await ConsumeAsync(channel, queue, autoAck: count > ushort.MaxValue, message =>
        {
            if (left == 0)
                return;
            taken(message);
            if (--left == 0)
                done.SetResult();
        }, cancellationToken);
        await done.Task.WaitAsync(cancellationToken);
        if (count <= ushort.MaxValue)
            await channel.BasicAckAsync((ulong)count, multiple: true, cancellationToken);
    }

    /// <summary>Hands over every message of a queue as it arrives.</summary>
    public Task ConsumeAsync(string queue, Action<BasicDeliverEventArgs> arrived, CancellationToken cancellationToken) =>
        ConsumeAsync(Channel, queue, autoAck: true, arrived, cancellationToken);

    /// <summary>Deletes queues with whatever they hold.</summary>
    public async Task DeleteAsync(IEnumerable<string> queues, CancellationToken cancellationToken)
    {
        foreach (var queue in queues)
            await Channel.QueueDeleteAsync(queue, cancellationToken: cancellationToken);
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static async Task ConsumeAsync(
        IChannel channel, string queue, bool autoAck, Action<BasicDeliverEventArgs> arrived, CancellationToken cancellationToken)
    {
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, message) =>
        {
            arrived(message);
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(queue, autoAck, consumer, cancellationToken);
    }
}
