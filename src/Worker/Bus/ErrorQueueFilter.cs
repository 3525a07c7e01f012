using MassTransit;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using VoiceWorker.Servers;

namespace VoiceWorker.Bus;

/// <summary>
/// Moves a message to the error queue: its bytes and properties as they came, with the fault in headers. In place of
/// MassTransit's own filter, which copies the failure's text and the producer's user id: RabbitMQ closes a channel that
/// publishes with another's user id, and everything prefetched on it comes again.
/// </summary>
internal sealed class ErrorQueueFilter(string queue, ErrorQueues errors) : IFilter<ExceptionReceiveContext>
{
    public async Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        var delivery = context.GetPayload<RabbitMqBasicConsumeContext>();
        // The delivery is acknowledged only when this has reached the queue.
        await errors.MoveAsync(
            queue, frameMax => PropertiesOf(delivery.Properties, context, frameMax), context.GetBody(),
            context.CancellationToken);
        await next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("errorQueue").Add("queue", queue);

    private static BasicProperties PropertiesOf(
        IReadOnlyBasicProperties original, ExceptionReceiveContext context, uint frameMax)
    {
        var headers = OriginalMessage.HeadersOf(original.Headers);
        var properties = OriginalMessage.PropertiesOf(original, headers);
        var left = LeaveOut(headers, RoomBeside(properties, headers, frameMax));
        var room = RoomBeside(properties, headers, frameMax);
        foreach (var (name, value) in FaultHeaders.Of(
            context.Exception, context.InputAddress, context.ExceptionTimestamp, room, left))
            headers[name] = value;
        properties.Headers = headers;
        return properties;
    }

    // Only for headers that fill a frame to its last bytes: the largest ones go, so that there is room for the reason.
    private static List<string> LeaveOut(Dictionary<string, object?> headers, long room)
    {
        var left = new List<string>();
        foreach (var (name, value) in headers.OrderByDescending(header => HeaderFrame.SizeOf(header.Key, header.Value)))
        {
            if (room >= FaultHeaders.LeastRoom)
                break;
            headers.Remove(name);
            left.Add(name);
            room += HeaderFrame.SizeOf(name, value);
        }

        return left;
    }

    private static long RoomBeside(BasicProperties properties, Dictionary<string, object?> headers, uint frameMax)
    {
        properties.Headers = headers;
        return HeaderFrame.RoomIn(frameMax, properties);
    }
}

/// <summary>
/// Publishes to error queues on a connection of its own, confirmed and mandatory: a move that cannot be done holds back
/// its own delivery and no other.
/// </summary>
internal sealed class ErrorQueues(IOptions<ConnectionOptions> servers) : IAsyncDisposable
{
    private const int AtOnce = 16;
    private static readonly CreateChannelOptions Confirmed = new(
        publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);

    private readonly PublishingConnection _connection = new(servers.Value, "voice-worker error queues");
    private readonly SemaphoreSlim _moving = new(AtOnce);

    /// <summary>Returns when the message is in the queue.</summary>
    /// <param name="queue">Declared when it is not there.</param>
    /// <param name="properties">Made for the largest frame that the broker takes.</param>
    /// <param name="body">As it came.</param>
    public async Task MoveAsync(
        string queue, Func<uint, BasicProperties> properties, ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken)
    {
        await _moving.WaitAsync(cancellationToken);
        try
        {
            var connection = await _connection.OpenAsync(cancellationToken);
            // One for each move: a channel that the broker closes over one message takes no other with it.
            var channel = await connection.CreateChannelAsync(Confirmed, cancellationToken);
            await PublishAsync(channel, queue, properties(connection.FrameMax), body, cancellationToken);
        }
        finally
        {
            _moving.Release();
        }
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static async Task PublishAsync(
        IChannel channel, string queue, BasicProperties properties, ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken)
    {
        try
        {
            // It may have been deleted since the start.
            await channel.QueueDeclareAsync(
                queue, durable: true, exclusive: false, autoDelete: false, QueueArguments.OfDeadLetters(),
                cancellationToken: cancellationToken);
            await channel.BasicPublishAsync("", queue, mandatory: true, properties, body, cancellationToken);
        }
        finally
        {
            // Not waited for: the message is there, or the channel is lost, and in an alarm nothing is answered.
            _ = channel.AbortAsync(CancellationToken.None);
        }
    }
}
