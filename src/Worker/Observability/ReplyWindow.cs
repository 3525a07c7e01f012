using System.Numerics;
using VoiceWorker.Persistence;

namespace VoiceWorker.Observability;

/// <summary>
/// How long replies took since somebody looked: a count in each of some hundred buckets, 32 to a power of two, so
/// that a quantile is at most 2 % off. A reply costs one interlocked increment and allocates nothing.
/// </summary>
internal sealed class ReplyWindow
{
    private const int SubBits = 5;
    private const int SubBuckets = 1 << SubBits;

    // In microseconds: two minutes. What takes longer counts as that.
    private const long Longest = (1L << 27) - 1;

    private readonly int[] _counts = new int[BucketOf(Longest) + 1];
    private long _fallbacks;

    /// <summary>A reply was handed over.</summary>
    /// <param name="after">The arrival of its call.</param>
    /// <param name="isFallback">Whether it has the default voice because the database did not answer in time.</param>
    public void Note(TimeSpan after, bool isFallback)
    {
        var microseconds = Math.Clamp(after.Ticks / TimeSpan.TicksPerMicrosecond, 0, Longest);
        Interlocked.Increment(ref _counts[BucketOf(microseconds)]);
        if (isFallback)
            Interlocked.Increment(ref _fallbacks);
    }

    /// <summary>What was noted since this was called before. What is noted meanwhile is in this or in the
    /// next.</summary>
    public WorkerReplies Take()
    {
        var fallbacks = Interlocked.Exchange(ref _fallbacks, 0);
        var counts = new int[_counts.Length];
        var total = 0L;
        for (var bucket = 0; bucket < counts.Length; bucket++)
            total += counts[bucket] = Interlocked.Exchange(ref _counts[bucket], 0);
        return total == 0 ? new(0, null, null, null) : new(
            total, QuantileOf(counts, total, 0.5), QuantileOf(counts, total, 0.99),
            Math.Min(1, (double)fallbacks / total));
    }

    private static double QuantileOf(int[] counts, long total, double quantile)
    {
        var rank = (long)Math.Ceiling(quantile * total);
        var bucket = 0;
        for (var seen = (long)counts[0]; seen < rank; seen += counts[bucket])
            bucket++;
        return MiddleOf(bucket) / 1_000;
    }

    // The first 32 buckets have one microsecond each; then 32 share what is between two powers of two.
    private static int BucketOf(long microseconds)
    {
        if (microseconds < SubBuckets)
            return (int)microseconds;
        var shift = BitOperations.Log2((ulong)microseconds) - SubBits;
        return (shift * SubBuckets) + (int)(microseconds >> shift);
    }

    private static double MiddleOf(int bucket)
    {
        if (bucket < SubBuckets)
            return bucket;
        var shift = (bucket / SubBuckets) - 1;
        var least = (long)(SubBuckets + (bucket % SubBuckets)) << shift;
        return least + (((1L << shift) - 1) / 2.0);
    }
}
