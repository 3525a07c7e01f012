using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using VoiceWorker.Bus;

namespace VoiceWorker.DeadLetters;

/// <summary>A message in an error or dead-letter queue, held unacknowledged: unless it is settled it goes
/// back.</summary>
/// <param name="Queue">Where it lies.</param>
/// <param name="Origin">The queue that it failed in.</param>
/// <param name="Id">See <see cref="DeadLetterId"/>.</param>
/// <param name="Message">Body and properties.</param>
/// <param name="Channel">That holds it, with publisher confirms.</param>
internal sealed record DeadLetter(string Queue, string Origin, string Id, BasicGetResult Message, IChannel Channel)
{
    public Death Death { get; } = Death.Of(Message.BasicProperties.Headers);

    public Glance Glance { get; } = Glance.At(Message.Body);

    /// <summary>Publishes it to its origin as its producer sent it. Acknowledged here only when it is confirmed there:
    /// a kill in between repeats it, which the worker's inbox takes care of, and loses nothing.</summary>
    /// <param name="body">A copy that keeps the contract, in place of its own; null for its own.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>Null when it is done; otherwise why it stays.</returns>
    public async Task<string?> ReplayAsync(ReadOnlyMemory<byte>? body, CancellationToken cancellationToken)
    {
        var headers = OriginalMessage.HeadersOf(Message.BasicProperties.Headers);
        var properties = OriginalMessage.PropertiesOf(Message.BasicProperties, headers);
        try
        {
            await Channel.BasicPublishAsync(
                "", Origin, mandatory: true, properties, body ?? Message.Body, cancellationToken);
        }
        catch (PublishException refused)
        {
            return refused.IsReturn ? $"there is no queue {Origin}" : $"RabbitMQ does not take it: {Origin} is full";
        }

        await DiscardAsync(cancellationToken);
        return null;
    }

    /// <summary>Takes it out for good.</summary>
    /// <param name="cancellationToken">Cancels it.</param>
    public ValueTask DiscardAsync(CancellationToken cancellationToken) =>
        Channel.BasicAckAsync(Message.DeliveryTag, multiple: false, cancellationToken);
}
