using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace VoiceWorker.Servers;

/// <summary>Exchanges and queues as RabbitMQ has them, asked without the management plugin.</summary>
internal static class Topology
{
    /// <summary>Those that are not there, for people.</summary>
    public static async Task<IReadOnlyList<string>> FindMissingAsync(
        IConnection connection, IEnumerable<string> exchanges, IEnumerable<string> queues,
        CancellationToken cancellationToken)
    {
        var missing = new List<string>();
        foreach (var exchange in exchanges)
        {
            if (!await IsExchangeAsync(connection, exchange, cancellationToken))
                missing.Add($"exchange {exchange}");
        }

        foreach (var queue in queues)
        {
            if (await BrokerQueue.FindAsync(connection, queue, cancellationToken) is null)
                missing.Add($"queue {queue}");
        }

        return missing;
    }

    private static async Task<bool> IsExchangeAsync(
        IConnection connection, string exchange, CancellationToken cancellationToken)
    {
        // A refusal closes the channel.
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        try
        {
            await channel.ExchangeDeclarePassiveAsync(exchange, cancellationToken);
            return true;
        }
        catch (OperationInterruptedException missing) when (missing.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            return false;
        }
    }
}

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
