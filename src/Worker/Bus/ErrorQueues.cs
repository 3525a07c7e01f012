using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using VoiceWorker.Servers;

namespace VoiceWorker.Bus;

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
    /// <param name="cancellationToken">Stops waiting; the message may still be moved.</param>
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
            // Somebody may have deleted it since the start.
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
