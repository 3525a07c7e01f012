using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using VoiceWorker.Servers;

namespace VoiceWorker.Bus;

/// <summary>
/// Queues and exchanges of the incoming messages, declared before the bus is started: MassTransit would take a queue
/// with other arguments for a lost connection and reconnect endlessly.
/// </summary>
internal sealed class InputTopology(IOptions<BusOptions> options)
{
    public static IReadOnlyList<string> Exchanges { get; } =
        [.. InputQueue.All.SelectMany(queue => new[] { queue.Exchange, queue.Name, queue.Dead })];

    public static IReadOnlyList<string> Queues { get; } =
        [.. InputQueue.All.SelectMany(queue => new[] { queue.Name, queue.Error, queue.Dead })];

    /// <summary>Declares them; what exists already must be as declared.</summary>
    /// <exception cref="TopologyException">Names the queue or exchange, what is there and what is expected.</exception>
    public async Task DeclareAsync(IConnection broker, CancellationToken cancellationToken)
    {
        await using var channel = await broker.CreateChannelAsync(cancellationToken: cancellationToken);
        foreach (var queue in InputQueue.All)
            await DeclareAsync(channel, queue, cancellationToken);
    }

    private async Task DeclareAsync(IChannel channel, InputQueue queue, CancellationToken cancellationToken)
    {
        await Declaration.ExchangeAsync(channel, queue.Exchange, cancellationToken);
        await Declaration.ExchangeAsync(channel, queue.Name, cancellationToken);
        await Declaration.ExchangeAsync(channel, queue.Dead, cancellationToken);
        await Declaration.QueueAsync(channel, queue.Dead, QueueArguments.OfDeadLetters(), cancellationToken);
        await channel.QueueBindAsync(queue.Dead, queue.Dead, "", cancellationToken: cancellationToken);
        await Declaration.QueueAsync(channel, queue.Error, QueueArguments.OfDeadLetters(), cancellationToken);
        await Declaration.QueueAsync(
            channel, queue.Name, queue.Arguments(options.Value.DeliveryLimit), cancellationToken);
        await channel.ExchangeBindAsync(queue.Name, queue.Exchange, "", cancellationToken: cancellationToken);
        await channel.QueueBindAsync(queue.Name, queue.Name, "", cancellationToken: cancellationToken);
    }
}
