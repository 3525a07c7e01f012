using System.Diagnostics;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using VoiceWorker.Contracts;

namespace VoiceWorker.Bench;

/// <summary>The bench's own connection to the broker: sends the work, counts and reads what came of it.</summary>
internal sealed class BenchBroker : IAsyncDisposable
{
    private const int ConfirmBatch = 500;
    private const ushort AckBatch = 500;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly CreateChannelOptions Confirmed = new(
        publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true,
        outstandingPublisherConfirmationsRateLimiter: null);

    private readonly IConnection _connection;
    private readonly IChannel _publishing;
    private readonly IChannel _asking;

    private BenchBroker(IConnection connection, IChannel publishing, IChannel asking) =>
        (_connection, _publishing, _asking) = (connection, publishing, asking);

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
        var json = new BasicProperties { DeliveryMode = DeliveryModes.Persistent, ContentType = "application/json" };
        foreach (var batch in Enumerable.Range(first, count).Chunk(ConfirmBatch))
        {
            await Task.WhenAll(batch.Select(index => _publishing.BasicPublishAsync(
                work.Exchange, "", mandatory: true, json, work.Body(index), cancellationToken).AsTask()).ToList());
        }
    }

    /// <summary>Consumers of a queue; one that is not there closes a channel, and so gets its own.</summary>
    public async Task<uint> ConsumersAsync(string queue, CancellationToken cancellationToken)
    {
        await using var channel = await OpenChannelAsync(cancellationToken);
        try
        {
            return (await channel.QueueDeclarePassiveAsync(queue, cancellationToken)).ConsumerCount;
        }
        catch (OperationInterruptedException)
        {
            return 0;
        }
    }

    /// <summary>How the audit queue fills, without touching its messages: until it has so many, or none was added for
    /// 30 s.</summary>
    /// <returns>Seconds since the start, and messages by then.</returns>
    public async Task<List<(double Seconds, int Messages)>> FollowAsync(
        int messages, CancellationToken cancellationToken)
    {
        var (clock, points) = (Stopwatch.StartNew(), new List<(double Seconds, int Messages)> { (0, 0) });
        while (true)
        {
            var depth = await DepthAsync(SystemUnderTest.AuditQueue, cancellationToken);
            var now = clock.Elapsed.TotalSeconds;
            if (depth > points[^1].Messages)
                points.Add((now, depth));
            if (depth >= messages || now - points[^1].Seconds > Patience.TotalSeconds)
                return points;
            await Task.Delay(Interval, cancellationToken);
        }
    }

    /// <summary>Takes as many messages as the audit queue has now, in order, and shows them to the judge.</summary>
    public async Task JudgeAsync(IWork work, Judge judge, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var left = await DepthAsync(SystemUnderTest.AuditQueue, cancellationToken);
        if (left == 0)
            return;
        await using var channel = await OpenChannelAsync(cancellationToken);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, message) =>
        {
            // What has come since is not acknowledged and stays in the queue.
            if (left == 0)
                return;
            if (IsOfWork(message))
                Show(work, judge, message, done);
            if (--left % AckBatch == 0)
                await channel.BasicAckAsync(message.DeliveryTag, multiple: true, cancellationToken);
            if (left == 0)
                done.TrySetResult();
        };
        // Said, because a quorum queue takes "unlimited" for 2,000 and would wait for acknowledgements.
        await channel.BasicQosAsync(0, 2 * AckBatch, global: false, cancellationToken);
        await channel.BasicConsumeAsync(SystemUnderTest.AuditQueue, autoAck: false, consumer, cancellationToken);
        await done.Task.WaitAsync(cancellationToken);
    }

    // The client keeps what a consumer throws to itself.
    private static void Show(IWork work, Judge judge, BasicDeliverEventArgs message, TaskCompletionSource done)
    {
        try
        {
            judge.Add(work.Observe(message));
        }
        catch (Exception failure)
        {
            done.TrySetException(failure);
        }
    }

    // A seal comes of many messages and of none.
    private static bool IsOfWork(BasicDeliverEventArgs message) =>
        message.BasicProperties.Type != nameof(TrailSealed);

    /// <summary>Hands over every message of a queue as it arrives, without seals.</summary>
    public async Task ConsumeAsync(
        string queue, Action<BasicDeliverEventArgs> arrived, CancellationToken cancellationToken)
    {
        var consumer = new AsyncEventingBasicConsumer(_asking);
        consumer.ReceivedAsync += (_, message) =>
        {
            if (IsOfWork(message))
                arrived(message);
            return Task.CompletedTask;
        };
        await _asking.BasicConsumeAsync(queue, autoAck: true, consumer, cancellationToken);
    }

    /// <summary>Makes a queue for replies, and hands them over; returns its name.</summary>
    public async Task<string> ListenAsync(Action<BasicDeliverEventArgs> replied, CancellationToken cancellationToken)
    {
        var queue = (await _asking.QueueDeclareAsync("", cancellationToken: cancellationToken)).QueueName;
        await ConsumeAsync(queue, replied, cancellationToken);
        return queue;
    }

    /// <summary>Deletes queues with whatever they hold.</summary>
    public async Task DeleteAsync(IEnumerable<string> queues, CancellationToken cancellationToken)
    {
        foreach (var queue in queues)
            await _asking.QueueDeleteAsync(queue, cancellationToken: cancellationToken);
    }

    /// <summary>Messages that are ready in a queue, which must be there.</summary>
    public async Task<int> DepthAsync(string queue, CancellationToken cancellationToken) =>
        (int)(await _asking.QueueDeclarePassiveAsync(queue, cancellationToken)).MessageCount;

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
