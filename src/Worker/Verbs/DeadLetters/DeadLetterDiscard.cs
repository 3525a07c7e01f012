using System.Runtime.CompilerServices;
using RabbitMQ.Client;
using VoiceWorker.Contracts;
using VoiceWorker.DeadLetters;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.DeadLetters;

/// <summary>Deletes dead letters in two steps: what goes is read and held, so that it can be saved and shown, and only
/// then is deleted: exactly that. What is held when this is disposed of goes back.</summary>
internal sealed class DeadLetterDiscard(IConnection connection) : IAsyncDisposable
{
    private readonly DeadLetterQueues _queues = new(connection);
    private readonly List<Held> _held = [];

    /// <summary>What has been read, by queue and reason.</summary>
    public DeadLetterGroups Groups { get; } = new();

    /// <summary>How many are held.</summary>
    public int Count => _held.Count;

    /// <summary>The first step: each letter, which is held from then on.</summary>
    /// <param name="limit">At most so many, the oldest; 0 means all.</param>
    public async IAsyncEnumerable<DeadLetter> ReadAsync(
        DeadLetterFilter which, int limit, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var letters = DeadLetterSelection.ChooseAsync(_queues, which, limit, cancellationToken);
        await foreach (var letter in letters)
        {
            _held.Add(new(letter.Queue, letter.Message.DeliveryTag, letter.Id));
            Groups.Add(DeadLetterSummary.Of(letter));
            yield return letter;
        }
    }

    /// <summary>A letter as a line of a file, with its body.</summary>
    public static string LineOf(DeadLetter letter) => JsonText.Line(DeadLetterJson.Full(letter)) + "\n";

    /// <summary>The second step: deletes what is held.</summary>
    /// <param name="act">Is counted as it goes on.</param>
    /// <param name="progress">Is told how many are gone.</param>
    /// <param name="interruption">Ends it early: the rest stays.</param>
    public async Task<DiscardResult> RunAsync(OperatorAct act, IProgress<int>? progress, CancellationToken interruption)
    {
        var gone = 0;
        act["discarded"] = 0;
        foreach (var (queue, tag, _) in _held.TakeWhile(_ => !interruption.IsCancellationRequested))
        {
            await _queues.DiscardAsync(queue, tag, CancellationToken.None);
            act["discarded"] = ++gone;
            progress?.Report(gone);
        }

        await _queues.CloseAsync();
        return new(
            [.. _held.Take(gone).Select(one => one.Id)],
            [.. _held.Skip(gone).Select(one => new Stay(one.Queue, one.Id, "interrupted"))]);
    }

    public ValueTask DisposeAsync() => _queues.DisposeAsync();

    private readonly record struct Held(string Queue, ulong Tag, string Id);
}

/// <summary>What became of it.</summary>
/// <param name="Gone">The ids of those that are deleted.</param>
/// <param name="Stays">Those that are not.</param>
internal sealed record DiscardResult(IReadOnlyList<string> Gone, IReadOnlyList<Stay> Stays)
{
    /// <summary>As an act.</summary>
    public OperatorActResult Ended => Stays.Count == 0 ? OperatorActResult.Done : OperatorActResult.Interrupted;
}
