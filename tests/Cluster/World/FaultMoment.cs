using System.Diagnostics;
using VoiceWorker.Tests.Cluster.Traffic;
using VoiceWorker.Tests.Cluster.Verdict;

namespace VoiceWorker.Tests.Cluster.World;

/// <summary>When a fault began, and when the servers could be used again.</summary>
public sealed class FaultMoment
{
    /// <summary>Seconds without a pause after which all goes well.</summary>
    public const double Calm = 3;

    // Of an event, of replies, and of each worker's own count, which is asked for a few times a second.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    private long _returned;
    private bool _countsPauses;

    /// <summary>The fault, in ticks of <see cref="Stopwatch"/>.</summary>
    public long Begun { get; private set; } = Stopwatch.GetTimestamp();

    /// <summary>Now.</summary>
    public void Begin() => Begun = Stopwatch.GetTimestamp();

    /// <summary>Now, of one fault after the other: the longest pause counts.</summary>
    public void BeginPauses()
    {
        Begin();
        _countsPauses = true;
    }

    /// <summary>The servers can be used again, now.</summary>
    public void Return() => _returned = Stopwatch.GetTimestamp();

    /// <summary>Whether a pause is more than what is usual.</summary>
    public static bool IsTooLong(Pause pause) => pause.Length > Limit;

    /// <summary>Back is where the first calm begins after the servers can be used again; if no pause was too long, the
    /// longest counts.</summary>
    public Recovery Judge(IReadOnlyList<Pause> pauses)
    {
        if (_countsPauses || !pauses.Any(IsTooLong))
        {
            var longest = pauses.MaxBy(pause => pause.Length);
            return From(Begun + (longest.To - longest.From), longest.Of);
        }

        var (back, last) = (Begun, "");
        foreach (var pause in pauses.Where(IsTooLong).OrderBy(pause => pause.From))
        {
            if (pause.From > Math.Max(back, _returned) + (Calm * Stopwatch.Frequency))
                break;
            (back, last) = pause.To > back ? (pause.To, pause.Of) : (back, last);
        }

        return From(back, last);
    }

    private Recovery From(long back, string slowest)
    {
        var returned = Math.Max(Begun, _returned);
        var fromReturn = Stopwatch.GetElapsedTime(returned, Math.Max(returned, back));
        return new Recovery(Stopwatch.GetElapsedTime(Begun, back), fromReturn, slowest);
    }
}
