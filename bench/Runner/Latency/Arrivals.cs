using System.Diagnostics;

namespace VoiceWorker.Bench.Latency;

/// <summary>When each call was due, and when the first of what it led to was there.</summary>
internal sealed class Arrivals(int count)
{
    private readonly long[] _due = new long[count];
    private readonly long[] _sent = new long[count];
    private readonly long[] _replied = new long[count];
    private readonly long[] _audited = new long[count];
    private int _open = 2 * count;

    /// <summary>Everything is there.</summary>
    public bool IsComplete => Volatile.Read(ref _open) == 0;

    public void Due(int index, long moment) => _due[index] = moment;

    public void Sent(int index) => _sent[index] = Stopwatch.GetTimestamp();

    public void Replied(int index) => Note(_replied, index);

    public void Audited(int index) => Note(_audited, index);

    /// <summary>Of a stretch of calls; how late the generator itself was, too.</summary>
    public (Delays Reply, Delays Audit, Delays Generator) Of(Range stretch) =>
        (Between(_replied, stretch), Between(_audited, stretch), Between(_sent, stretch));

    private void Note(long[] arrived, int index)
    {
        if (index < 0 || Interlocked.CompareExchange(ref arrived[index], Stopwatch.GetTimestamp(), 0) != 0)
            return;
        Interlocked.Decrement(ref _open);
    }

    private Delays Between(long[] then, Range stretch) => Delays.Of(
        then[stretch].Zip(_due[stretch], (end, start) => Stopwatch.GetElapsedTime(start, end).TotalMilliseconds));
}
