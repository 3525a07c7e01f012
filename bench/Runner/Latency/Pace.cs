using System.Diagnostics;
using System.Runtime.InteropServices;

namespace VoiceWorker.Bench.Latency;

/// <summary>Fixed moments, whatever happened at those before: an open loop, so that a slow answer delays no later question
/// and is not left out of the figures.</summary>
internal static partial class Pace
{
    private const double NanosecondsPerSecond = 1e9;

    /// <summary>Runs on the calling thread; the action gets the index and the timestamp at which it was due.</summary>
    public static void Keep(int count, int perSecond, Action<int, long> due, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        for (var index = 0; index < count; index++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var moment = start + (long)((double)index / perSecond * Stopwatch.Frequency);
            SleepUntil(moment);
            due(index, moment);
        }
    }

    // .NET's own timers are a millisecond late or more, which is what is to be measured; spinning would take a core.
    private static void SleepUntil(long moment)
    {
        var left = (moment - Stopwatch.GetTimestamp()) / (double)Stopwatch.Frequency;
        if (left <= 0)
            return;
        var pause = new TimeSpec((nint)left, (nint)(left % 1 * NanosecondsPerSecond));
        _ = NanoSleep(in pause, 0);
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int NanoSleep(in TimeSpec pause, nint remaining);

    private readonly record struct TimeSpec(nint Seconds, nint Nanoseconds);
}
