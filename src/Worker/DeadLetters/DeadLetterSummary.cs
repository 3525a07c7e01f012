using System.Globalization;
using System.Text.Json.Nodes;

namespace VoiceWorker.DeadLetters;

/// <summary>A dead letter without its body: no value of the message but whom it is about.</summary>
internal sealed record DeadLetterSummary(
    string Queue, string Id, DateTimeOffset? DiedAt, string? Reason, string? BusinessId, string? CallId, int Size,
    string? Producer) : IComparable<DeadLetterSummary>
{
    private static readonly Comparer<(DeadLetterSummary Letter, long Number)> LatestFirst =
        Comparer<(DeadLetterSummary Letter, long Number)>.Create((one, other) => other.CompareTo(one));

    public static DeadLetterSummary Of(DeadLetter letter) => new(
        letter.Queue, letter.Id, letter.Death.At, letter.Death.Reason, letter.Glance.BusinessId,
        letter.Glance.CallId, letter.Message.Body.Length, letter.Producer);

    /// <summary>By time of death, the oldest first: the same each time, in whatever order the broker returns them. What
    /// has no time comes last.</summary>
    public int CompareTo(DeadLetterSummary? other) =>
        (DiedAt ?? DateTimeOffset.MaxValue, Queue, Id).CompareTo(
            (other!.DiedAt ?? DateTimeOffset.MaxValue, other.Queue, other.Id));

    public JsonObject ToJson() => new()
    {
        ["queue"] = Queue,
        ["id"] = Id,
        ["diedAt"] = DiedAt?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
        ["reason"] = Reason,
        ["businessId"] = BusinessId,
        ["callId"] = CallId,
        ["size"] = Size,
        ["producer"] = Producer,
    };

    /// <summary>The oldest of many, in order; no more than these are kept in memory at a time.</summary>
    /// <param name="letters">In any order.</param>
    /// <param name="limit">At most so many; 0 means all.</param>
    /// <param name="keep">What is kept of each.</param>
    /// <returns>The oldest, and how many letters there were.</returns>
    public static async Task<(IReadOnlyList<T> Oldest, long Count)> OldestAsync<T>(
        IAsyncEnumerable<DeadLetter> letters, int limit, Func<DeadLetter, T> keep)
    {
        var (kept, count) = (new PriorityQueue<T, (DeadLetterSummary Letter, long Number)>(LatestFirst), 0L);
        await foreach (var letter in letters)
        {
            kept.Enqueue(keep(letter), (Of(letter), count++));
            if (limit > 0 && kept.Count > limit)
                kept.Dequeue();
        }

        var oldest = new T[kept.Count];
        while (kept.Count > 0)
            oldest[kept.Count - 1] = kept.Dequeue();
        return (oldest, count);
    }
}
