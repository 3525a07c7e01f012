using System.Diagnostics;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace VoiceWorker.Bench;

/// <summary>The bench's own connection to the broker: sends the work, counts and reads what came of it.</summary>
internal sealed class BenchBroker : IAsyncDisposable
{
    private const int ConfirmBatch = 500;
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

    /// <summary>Whether a queue has a consumer; one that is not there closes a channel, and so gets its own.</summary>
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

    /// <summary>How the audit queue fills, without touching its messages: until it has so many, or none was added for
    /// 30 s.</summary>
    /// <returns>Seconds since the start, and messages by then.</returns>
    public async Task<List<(double Seconds, int Messages)>> FollowAsync(
        int messages, CancellationToken cancellationToken)
    {
        var (clock, points) = (Stopwatch.StartNew(), new List<(double Seconds, int Messages)> { (0, 0) });
        while (true)
        {
            var depth = await DepthAsync(cancellationToken);
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
        var (done, left) = (new TaskCompletionSource<ulong>(TaskCreationOptions.RunContinuationsAsynchronously),
            await DepthAsync(cancellationToken));
        if (left == 0)
            return;
        await using var channel = await OpenChannelAsync(cancellationToken);
        // Acknowledged all at once in the end: what has come since stays in the queue.
        await ConsumeAsync(channel, SystemUnderTest.AuditQueue, autoAck: false, message =>
        {
            if (left == 0)
                return;
            judge.Add(work.Observe(message));
            if (--left == 0)
                done.SetResult(message.DeliveryTag);
        }, cancellationToken);
        await channel.BasicAckAsync(await done.Task.WaitAsync(cancellationToken), multiple: true, cancellationToken);
    }

    /// <summary>Hands over every message of a queue as it arrives.</summary>
    public Task ConsumeAsync(
        string queue, Action<BasicDeliverEventArgs> arrived, CancellationToken cancellationToken) =>
        ConsumeAsync(_asking, queue, autoAck: true, arrived, cancellationToken);

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

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private async Task<int> DepthAsync(CancellationToken cancellationToken) =>
        (int)(await _asking.QueueDeclarePassiveAsync(SystemUnderTest.AuditQueue, cancellationToken)).MessageCount;

    private static async Task ConsumeAsync(
        IChannel channel, string queue, bool autoAck, Action<BasicDeliverEventArgs> arrived, CancellationToken token)
    {
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, message) =>
        {
            arrived(message);
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(queue, autoAck, consumer, token);
    }
}
