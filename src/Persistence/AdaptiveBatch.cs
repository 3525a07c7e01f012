namespace VoiceWorker.Persistence;

/// <summary>How many rows a batch takes: more while batches are quick, half as many after one that was slow.</summary>
/// <param name="first">Of the first batch.</param>
/// <param name="least">Never fewer.</param>
/// <param name="most">Never more.</param>
/// <param name="limit">What is too long.</param>
public sealed class AdaptiveBatch(int first, int least, int most, TimeSpan limit)
{
    /// <summary>Rows of the next batch.</summary>
    public int Size { get; private set; } = first;

    /// <summary>Notes how long a batch of this size took.</summary>
    /// <param name="elapsed">From its begin to its commit.</param>
    public void Took(TimeSpan elapsed) => Size = elapsed > limit
        ? Math.Max(least, Size / 2)
        : Math.Min(most, elapsed < limit / 4 ? Size * 5 / 4 : Size);
}
