using RabbitMQ.Client;

namespace VoiceWorker.DeadLetters;

/// <summary>
/// The channel that holds dead letters. RabbitMQ sends a quorum queue 32 acknowledgements of a channel at a time and
/// keeps the others in the channel, where they are lost when it closes: so the queues are asked before that.
/// </summary>
internal sealed class Holder(IChannel channel)
{
    // The first is answered after those under way, the second when the others are too; the rest is for slow replicas.
    private const int Questions = 4;

    private readonly HashSet<string> _acknowledged = new(StringComparer.Ordinal);

    public IChannel Channel => channel;

    /// <summary>Takes a letter out for good, at the latest when <see cref="CloseAsync"/> returns.</summary>
    public ValueTask AcknowledgeAsync(string queue, ulong deliveryTag, CancellationToken cancellationToken)
    {
        lock (_acknowledged)
            _acknowledged.Add(queue);
        return channel.BasicAckAsync(deliveryTag, multiple: false, cancellationToken);
    }

    /// <summary>What is acknowledged is gone, and the rest is back.</summary>
    public async Task CloseAsync()
    {
        foreach (var queue in _acknowledged)
        {
            // In the queue's log, behind the acknowledgements. What it returns goes back with the rest.
            for (var n = 0; n < Questions; n++)
                await channel.BasicGetAsync(queue, autoAck: false, CancellationToken.None);
        }

        await channel.CloseAsync(CancellationToken.None);
    }
}
