using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using VoiceWorker.Contracts;
using VoiceWorker.Servers;

namespace VoiceWorker.Bus;

/// <summary>
/// Queues and exchanges of the incoming messages, declared before the bus is started: MassTransit would take a queue
/// with other arguments for a lost connection and reconnect for ever.
/// </summary>
internal sealed class InputTopology(IOptions<BusOptions> options)
{
    /// <summary>Declares them; what exists already must be as declared.</summary>
    /// <param name="broker">A connection to it.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="TopologyException">Names the queue or exchange, what is there and what is expected.</exception>
    public async Task DeclareAsync(IConnection broker, CancellationToken cancellationToken)
    {
        await using var channel = await broker.CreateChannelAsync(cancellationToken: cancellationToken);
        await DeclareAsync(channel, Exchanges.CallStarted, QueueNames.CallStarted, cancellationToken);
        await DeclareAsync(channel, Exchanges.BusinessVoiceChanged, QueueNames.BusinessVoiceChanged, cancellationToken);
    }

    private async Task DeclareAsync(
        IChannel channel, string exchange, string queue, CancellationToken cancellationToken)
    {
        var dead = QueueNames.DeadLetterOf(queue);
        await Declaration.ExchangeAsync(channel, exchange, cancellationToken);
        await Declaration.ExchangeAsync(channel, queue, cancellationToken);
        await Declaration.ExchangeAsync(channel, dead, cancellationToken);
        await Declaration.QueueAsync(channel, dead, QueueArguments.OfDeadLetters(), cancellationToken);
        await channel.QueueBindAsync(dead, dead, "", cancellationToken: cancellationToken);
        await Declaration.QueueAsync(
            channel, QueueNames.ErrorOf(queue), QueueArguments.OfDeadLetters(), cancellationToken);
        await Declaration.QueueAsync(
            channel, queue, QueueArguments.OfInput(queue, options.Value.DeliveryLimit), cancellationToken);
    }
}
