namespace VoiceWorker.WebConsole.Live;

/// <summary>What a reader has found lately. However many look, it is read once at a time, and not at all while nobody
/// does; a page waits for a moment, and else shows what was found before.</summary>
/// <typeparam name="T">What is read.</typeparam>
/// <param name="read">Reads it; may take long.</param>
/// <param name="maxAge">How old it may be before a look reads again.</param>
/// <param name="stopping">Ends what is under way.</param>
internal sealed class Snapshot<T>(
    Func<CancellationToken, Task<T>> read, TimeSpan maxAge, TimeProvider time, CancellationToken stopping)
    where T : class
{
    // Within what a page may take.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(150);

    private readonly Lock _lock = new();
    private Task _reading = Task.CompletedTask;
    private Seen<T> _seen = new(null, null, null, IsReading: false);
    private long _readAt;

    /// <summary>The latest, read again if it is too old.</summary>
    /// <param name="fresh">Whether it is read again however old it is.</param>
    /// <param name="patience">How long to wait for it; null for the patience of a page.</param>
    public async Task<Seen<T>> LookAsync(bool fresh = false, TimeSpan? patience = null)
    {
        Task reading;
        lock (_lock)
        {
            if (_reading.IsCompleted && (fresh || _readAt == 0 || time.GetElapsedTime(_readAt) >= maxAge))
                _reading = Task.Run(ReadAsync, CancellationToken.None);
            reading = _reading;
        }

        if (!reading.IsCompleted)
        {
            await reading.WaitAsync(patience ?? Patience, time, stopping)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        lock (_lock)
            return _seen with { IsReading = !_reading.IsCompleted };
    }

    private async Task ReadAsync()
    {
        try
        {
            var value = await read(stopping);
            lock (_lock)
                (_seen, _readAt) = (new(value, time.GetUtcNow(), null, false), time.GetTimestamp());
        }
        catch (Exception failure)
        {
            lock (_lock)
                (_seen, _readAt) = (_seen with { Failure = failure }, time.GetTimestamp());
        }
    }
}

/// <summary>What was read, and when.</summary>
/// <param name="Value">Null until it was read once.</param>
/// <param name="At">When that was.</param>
/// <param name="Failure">Why it could not be read since.</param>
/// <param name="IsReading">Whether it is being read now.</param>
internal sealed record Seen<T>(T? Value, DateTimeOffset? At, Exception? Failure, bool IsReading) where T : class;
