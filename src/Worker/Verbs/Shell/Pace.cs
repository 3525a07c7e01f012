namespace VoiceWorker.Verbs.Shell;

/// <summary>At most so many messages per second, in portions that are confirmed together. What was missed is not caught
/// up with.</summary>
/// <param name="perSecond">Null for as fast as it goes.</param>
internal sealed class Pace(int? perSecond, TimeProvider time)
{
    private const int LargestPortion = 1_000;

    private readonly long _start = time.GetTimestamp();
    private TimeSpan _next;

    /// <summary>Messages at a time: about ten portions a second.</summary>
    public int Portion { get; } = perSecond is { } rate ? Math.Clamp(rate / 10, 1, LargestPortion) : LargestPortion;

    /// <summary>Returns when so many may be published.</summary>
    public async Task WaitAsync(int messages, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (perSecond is not { } rate)
            return;
        var now = time.GetElapsedTime(_start);
        if (_next > now)
            await Task.Delay(_next - now, time, cancellationToken);
        _next = (_next > now ? _next : now) + TimeSpan.FromSeconds((double)messages / rate);
    }
}
