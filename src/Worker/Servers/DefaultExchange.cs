using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace VoiceWorker.Servers;

/// <summary>The right to write to the default exchange, which replies and moves to error queues go through.</summary>
internal static class DefaultExchange
{
    // In a memory or disk alarm the broker does not answer a publisher: then nothing is known.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly CreateChannelOptions Confirmed = new(
        publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);

    /// <summary>Publishes to a queue that does not exist, on a connection of its own.</summary>
    /// <exception cref="TopologyException">The right is missing.</exception>
    public static async Task ExamineAsync(ConnectionOptions servers, CancellationToken cancellationToken)
    {
        var connection = await RabbitConnection.OpenAsync(servers, "voice-worker boot", cancellationToken);
        try
        {
            var channel = await connection.CreateChannelAsync(Confirmed, cancellationToken);
            await channel.BasicPublishAsync(
                    "", $"voice-worker.nobody-{Guid.NewGuid():N}", mandatory: true, new BasicProperties(),
                    ReadOnlyMemory<byte>.Empty, cancellationToken)
                .AsTask().WaitAsync(Patience, TimeProvider.System, cancellationToken);
        }
        catch (PublishException)
        {
            // Returned: it was let in.
        }
        catch (TimeoutException)
        {
            // Not known; and what is published later waits as well.
        }
        catch (OperationInterruptedException refusal)
            when (refusal.ShutdownReason?.ReplyCode == Constants.AccessRefused)
        {
            throw new TopologyException(
                "default exchange", "write on amq.default, for replies and for moves to the error queues",
                refusal.ShutdownReason.ReplyText,
                "Give the user of ConnectionStrings:RabbitMq write on amq.default", refusal);
        }
        finally
        {
            await connection.LeaveAsync();
        }
    }
}
