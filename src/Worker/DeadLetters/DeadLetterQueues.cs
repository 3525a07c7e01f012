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

    private Holder? _holder;

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
    public ValueTask DiscardAsync(string queue, ulong deliveryTag, CancellationToken cancellationToken) =>
        _holder!.AcknowledgeAsync(queue, deliveryTag, cancellationToken);

    /// <summary>Returns when what was settled is settled; the rest goes back.</summary>
    public async Task CloseAsync()
    {
        if (_holder is { Channel.IsOpen: true } && connection.IsOpen)
            await _holder.CloseAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        if (_holder is not null)
            await _holder.Channel.DisposeAsync();
    }

    private async IAsyncEnumerable<DeadLetter> ReadAsync(
        string queue, string origin, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var count = await CountAsync(queue, cancellationToken);
        if (count == 0)
            yield break;
        _holder ??= new Holder(await connection.CreateChannelAsync(WithConfirms, cancellationToken));
        await foreach (var message in new HeldPortions(_holder.Channel, queue).ReadAsync(count, cancellationToken))
        {
            var death = Death.Of(message.BasicProperties.Headers);
            var id = DeadLetterId.Of(queue, message.Body.Span, message.BasicProperties.MessageId, death.Stamp);
            yield return new DeadLetter(queue, origin, id, message, _holder);
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

    /// <summary>The call as the message has it.</summary>
    public string? Call { get; init; }

    /// <summary>A part of who sent it, in any case; what does not say so does not match.</summary>
    public string? Producer { get; init; }

    /// <summary>Only what no worker has failed on.</summary>
    public bool Untried { get; init; }

    /// <summary>It died then or later; what has no time of death did not.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>It died before; what has no time of death did not.</summary>
    public DateTimeOffset? Before { get; init; }

    public bool MayLieIn((string Queue, string Origin) place) =>
        Queue is null || Queue == place.Queue || Queue == place.Origin;

    public bool Matches(DeadLetter letter) =>
        (!Untried || letter.Death.IsUntried) && Matches(DeadLetterSummary.Of(letter), letter.Origin);

    /// <summary>The same by what is known of a letter without it; <see cref="Untried"/> is not.</summary>
    public bool Matches(DeadLetterSummary letter, string origin) =>
        (IdPrefix is null || letter.Id.StartsWith(IdPrefix, StringComparison.Ordinal))
        && MayLieIn((letter.Queue, origin))
        && (Reason is null || HasReason(letter.Reason))
        && (Business is null || letter.BusinessId == Business)
        && (Call is null || letter.CallId == Call)
        && (Producer is null || letter.Producer?.Contains(Producer, StringComparison.OrdinalIgnoreCase) == true)
        && (Since is null || letter.DiedAt >= Since)
        && (Before is null || letter.DiedAt < Before);

    // Also by the reason of its group, in which what differs from message to message is left out.
    private bool HasReason(string? reason) =>
        reason?.Contains(Reason!, StringComparison.OrdinalIgnoreCase) == true
        || DeadLetterGroups.ReasonOf(reason).Contains(Reason!, StringComparison.OrdinalIgnoreCase);
}
