using System.Runtime.CompilerServices;

namespace VoiceWorker.DeadLetters;

/// <summary>Replays many: some wait for their confirms while the next are published. Each is acknowledged after its own
/// confirm, as <see cref="DeadLetter.ReplayAsync"/> has it.</summary>
internal static class ReplayWindow
{
    // The client makes publishers wait from half of 128 on.
    private const int Most = 64;

    /// <summary>Each letter in its order, with why it stays; null when it is done.</summary>
    public static async IAsyncEnumerable<(DeadLetter Letter, string? Obstacle)> ReplayAsync(
        this IAsyncEnumerable<DeadLetter> letters, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var underWay = new Queue<(DeadLetter Letter, Task<string?> Obstacle)>();
        await foreach (var letter in letters.WithCancellation(cancellationToken))
        {
            underWay.Enqueue((letter, letter.ReplayAsync(body: null, cancellationToken)));
            while (underWay.Count == Most || (underWay.Count > 0 && underWay.Peek().Obstacle.IsCompleted))
                yield return await NextAsync(underWay);
        }

        while (underWay.Count > 0)
            yield return await NextAsync(underWay);
    }

    private static async Task<(DeadLetter Letter, string? Obstacle)> NextAsync(
        Queue<(DeadLetter Letter, Task<string?> Obstacle)> underWay)
    {
        var (letter, obstacle) = underWay.Dequeue();
        return (letter, await obstacle);
    }
}
