using System.Runtime.CompilerServices;
using RabbitMQ.Client;
using VoiceWorker.Servers;

namespace VoiceWorker.DeadLetters;

/// <summary>
/// The four queues that hold what could not be processed. A message is held from when it is read until this is disposed
/// of; what is not settled by then goes back. No other reader sees it meanwhile.
/// </summary>
internal sealed class DeadLetterQueues(IConnection connection) : IAsyncDisposable
{
    private static readonly CreateChannelOptions WithConfirms = new(
        publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);

    private static readonly (string Queue, string Origin)[] All =
        [.. InputQueue.All.SelectMany(origin => origin.DeadLetters.Select(queue => (queue, origin.Name)))];

    private IChannel? _channel;

    /// <summary>Where a message can lie, and the queue that it failed in.</summary>
    public static IReadOnlyList<(string Queue, string Origin)> Names => All;

    /// <summary>How many messages each of them holds, without touching any.</summary>
    public async Task<IReadOnlyList<(string Queue, uint Messages)>> CountAsync(CancellationToken cancellationToken)
    {
        var counts = new List<(string, uint)>();
        foreach (var (queue, _) in All)
            counts.Add((queue, await CountAsync(queue, cancellationToken)));
        return counts;
    }

    /// <summary>Each message once, queue by queue: what fails again while this goes on is left for the next
    /// time.</summary>
    /// <param name="which">What is not meant is held as well, and goes back with the rest.</param>
    public async IAsyncEnumerable<DeadLetter> ReadAsync(
        DeadLetterFilter which, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var (queue, origin) in All.Where(which.MayLieIn))
        {
            await foreach (var letter in ReadAsync(queue, origin, cancellationToken))
            {
                if (which.Matches(letter))
                    yield return letter;
            }
        }
    }

    /// <summary>Takes out for good what was read; its body need not be kept for that.</summary>
    public ValueTask DiscardAsync(ulong deliveryTag, CancellationToken cancellationToken) =>
        _channel!.BasicAckAsync(deliveryTag, multiple: false, cancellationToken);

    /// <summary>Closing is answered by the broker: what was settled is settled, and the rest is back.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_channel is null)
            return;
        if (_channel.IsOpen && connection.IsOpen)
            await _channel.CloseAsync(CancellationToken.None);
        await _channel.DisposeAsync();
    }

    private async IAsyncEnumerable<DeadLetter> ReadAsync(
        string queue, string origin, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var left = await CountAsync(queue, cancellationToken); left > 0; left--)
        {
            _channel ??= await connection.CreateChannelAsync(WithConfirms, cancellationToken);
            if (await _channel.BasicGetAsync(queue, autoAck: false, cancellationToken) is not { } message)
                break;
            var death = Death.Of(message.BasicProperties.Headers);
            var id = DeadLetterId.Of(queue, message.Body.Span, message.BasicProperties.MessageId, death.Stamp);
            yield return new DeadLetter(queue, origin, id, message, _channel);
        }
    }

    // A worker that never ran has not declared them.
    private async Task<uint> CountAsync(string queue, CancellationToken cancellationToken) =>
        (await BrokerQueue.FindAsync(connection, queue, cancellationToken))?.MessageCount ?? 0;
}

/// <summary>Which dead letters are meant; what is null does not narrow.</summary>
internal sealed record DeadLetterFilter
{
    /// <summary>The beginning of an id, in lower case.</summary>
    public string? IdPrefix { get; init; }

    /// <summary>The queue in which it lies or in which it failed.</summary>
    public string? Queue { get; init; }

    /// <summary>A part of the reason, in any case.</summary>
    public string? Reason { get; init; }

    /// <summary>The business as the message has it.</summary>
    public string? Business { get; init; }

    /// <summary>Only what no worker has failed on.</summary>
    public bool Untried { get; init; }

    /// <summary>It died before; what has no time of death did not.</summary>
    public DateTimeOffset? Before { get; init; }

    public bool MayLieIn((string Queue, string Origin) place) =>
        Queue is null || Queue == place.Queue || Queue == place.Origin;

    public bool Matches(DeadLetter letter) =>
        (IdPrefix is null || letter.Id.StartsWith(IdPrefix, StringComparison.Ordinal))
        && MayLieIn((letter.Queue, letter.Origin))
        && (Reason is null || letter.Death.Reason?.Contains(Reason, StringComparison.OrdinalIgnoreCase) == true)
        && (Business is null || letter.Glance.BusinessId == Business)
        && (!Untried || letter.Death.IsUntried)
        && (Before is null || letter.Death.At < Before);
}
