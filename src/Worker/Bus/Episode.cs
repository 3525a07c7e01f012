namespace VoiceWorker.Bus;

/// <summary>Logs once when something begins to happen, and once with its count when it has not happened for a
/// while.</summary>
/// <param name="begins">Logs the first one.</param>
/// <param name="isOver">Logs how many there were.</param>
internal sealed class Episode(TimeProvider time, Action<string> begins, Action<long> isOver)
{
    /// <summary>It is over when nothing has happened for so long.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private long _count;
    private long _latest;

    /// <summary>It happened.</summary>
    public void Note(string reason)
    {
        lock (_lock)
        {
            _latest = time.GetTimestamp();
            if (++_count > 1)
                return;
        }

        begins(reason);
        _ = WaitUntilOverAsync();
    }

    private async Task WaitUntilOverAsync()
    {
        var wait = Quiet;
        while (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, time, CancellationToken.None);
            wait = TimeToQuiet(out var count);
            if (wait <= TimeSpan.Zero)
                isOver(count);
        }
    }

    private TimeSpan TimeToQuiet(out long count)
    {
        lock (_lock)
        {
            var wait = Quiet - time.GetElapsedTime(_latest);
            count = _count;
            if (wait <= TimeSpan.Zero)
                _count = 0;
            return wait;
        }
    }
}
