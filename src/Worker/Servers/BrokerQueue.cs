using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace VoiceWorker.Servers;

/// <summary>A queue as RabbitMQ has it, asked without the management plugin.</summary>
internal static class BrokerQueue
{
    /// <summary>Asks for a queue without declaring it; null when there is none.</summary>
    public static async Task<QueueDeclareOk?> FindAsync(
        IConnection connection, string queue, CancellationToken cancellationToken)
    {
        // A refusal closes the channel.
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        try
        {
            return await channel.QueueDeclarePassiveAsync(queue, cancellationToken);
        }
        catch (OperationInterruptedException missing) when (missing.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            return null;
        }
    }
}
