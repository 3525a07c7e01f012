using System.Runtime.CompilerServices;
using RabbitMQ.Client;
using VoiceWorker.Servers;

namespace VoiceWorker.DeadLetters;

/// <summary>
/// The four queues that hold what could not be processed. A message is held from when it is read until its queue is
/// left; what is not settled by then goes back. Nobody else sees it meanwhile.
/// </summary>
internal sealed class DeadLetterQueues(IConnection connection)
{
    private static readonly CreateChannelOptions WithConfirms = new(
        publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);

    private static readonly string[] Origins = [QueueNames.CallStarted, QueueNames.BusinessVoiceChanged];

    private static readonly string[] Names =
        [.. Origins.SelectMany(origin => new[] { QueueNames.ErrorOf(origin), QueueNames.DeadLetterOf(origin) })];

    /// <summary>How many messages each of them holds, without touching any.</summary>
    /// <param name="cancellationToken">Cancels the questions.</param>
    public async Task<IReadOnlyList<(string Queue, uint Messages)>> CountAsync(CancellationToken cancellationToken)
    {
        var counts = new List<(string, uint)>();
        foreach (var queue in Names)
            counts.Add((queue, await CountAsync(queue, cancellationToken)));
        return counts;
    }

    /// <summary>Each message once, queue by queue: what fails again while this goes on is left for the next
    /// time.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    public async IAsyncEnumerable<DeadLetter> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var origin in Origins)
        {
            foreach (var queue in new[] { QueueNames.ErrorOf(origin), QueueNames.DeadLetterOf(origin) })
            {
                await foreach (var letter in ReadAsync(queue, origin, cancellationToken))
                    yield return letter;
            }
        }
    }

    private async IAsyncEnumerable<DeadLetter> ReadAsync(
        string queue, string origin, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var left = await CountAsync(queue, cancellationToken);
        await using var channel = await connection.CreateChannelAsync(WithConfirms, cancellationToken);
        for (; left > 0; left--)
        {
            if (await channel.BasicGetAsync(queue, autoAck: false, cancellationToken) is not { } message)
                break;
            var death = Death.Of(message.BasicProperties.Headers);
            var id = DeadLetterId.Of(queue, message.Body.Span, message.BasicProperties.MessageId, death.Stamp);
            yield return new DeadLetter(queue, origin, id, message, channel);
        }

        // Answered by the broker: what was settled is settled, and the rest is back.
        if (channel.IsOpen)
            await channel.CloseAsync(cancellationToken);
    }

    // A worker that never ran has not declared them.
    private async Task<uint> CountAsync(string queue, CancellationToken cancellationToken) =>
        (await BrokerQueue.FindAsync(connection, queue, cancellationToken))?.MessageCount ?? 0;
}
