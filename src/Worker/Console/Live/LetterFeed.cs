using RabbitMQ.Client;
using VoiceWorker.DeadLetters;
using VoiceWorker.Servers;

namespace VoiceWorker.WebConsole.Live;

/// <summary>The dead letters as they were when they were read last. Reading holds them, so that nobody else sees them
/// meanwhile: it is done when their number has changed, and not over and over.</summary>
internal sealed class LetterFeed
{
    // Where very many lie, reading takes a part of the time at most.
    private const int Share = 10;
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(1);

    // Who has acted wants to see what is left, and a form for just that.
    private static readonly TimeSpan PatienceAfterAct = TimeSpan.FromSeconds(2);

    private readonly ServerWait _servers;
    private readonly TimeProvider _time;
    private readonly Snapshot<LetterSet> _letters;
    private readonly Snapshot<LetterCounts> _counts;
    private volatile LetterCounts? _reading;
    private int _read;
    private int _isStale;

    public LetterFeed(ServerWait servers, IHostApplicationLifetime host, TimeProvider time)
    {
        (_servers, _time) = (servers, time);
        _letters = new(ReadAsync, TimeSpan.MaxValue, time, host.ApplicationStopping);
        _counts = new(CountAsync, TimeSpan.FromSeconds(2), time, host.ApplicationStopping);
    }

    /// <summary>How many there were before those that are being read now were held; null while none are.</summary>
    public LetterCounts? Held => _reading;

    /// <summary>How many have been read so far, while they are.</summary>
    public int Read => Volatile.Read(ref _read);

    /// <summary>Something was done with them: the next look reads again.</summary>
    public void Touch() => Interlocked.Exchange(ref _isStale, 1);

    /// <summary>The latest, and read again if it is time.</summary>
    /// <param name="patience">How long to wait for it; null for the patience of a page that is about them.</param>
    public async Task<Seen<LetterSet>> LookAsync(TimeSpan? patience = null)
    {
        var seen = await _letters.LookAsync(patience: TimeSpan.Zero);
        if (seen.IsReading || (seen.Value is null && seen.Failure is null))
            return await _letters.LookAsync(patience: patience);
        return Interlocked.Exchange(ref _isStale, 0) == 1
            ? await _letters.LookAsync(fresh: true, patience ?? PatienceAfterAct)
            : await _letters.LookAsync(fresh: await IsDueAsync(seen, patience), patience);
    }

    private async Task<bool> IsDueAsync(Seen<LetterSet> seen, TimeSpan? patience)
    {
        if (seen.Value is not { } letters || seen.Failure is not null)
            return true;
        var age = _time.GetUtcNow() - seen.At!.Value;
        if (age < Least || age < Share * letters.Took)
            return false;
        var counts = await _counts.LookAsync(patience: patience);
        // Where they cannot be counted, reading says why.
        return age >= MaxAge || counts.Failure is not null
            || (counts.Value is { } now && now.Total != letters.Counts.Total);
    }

    private async Task<LetterCounts> CountAsync(CancellationToken cancellationToken)
    {
        await using var broker = await ConnectAsync(cancellationToken);
        return await CountAsync(broker, cancellationToken);
    }

    private static async Task<LetterCounts> CountAsync(IConnection broker, CancellationToken cancellationToken)
    {
        await using var queues = new DeadLetterQueues(broker);
        return new((await queues.CountAsync(cancellationToken))
            .ToDictionary(one => one.Queue, one => (long)one.Messages, StringComparer.Ordinal));
    }

    private async Task<LetterSet> ReadAsync(CancellationToken cancellationToken)
    {
        await using var broker = await ConnectAsync(cancellationToken);
        var begun = _time.GetTimestamp();
        var counts = await CountAsync(broker, cancellationToken);
        var letters = new LetterSet(counts);
        (_reading, _read) = (counts, 0);
        try
        {
            await using var queues = new DeadLetterQueues(broker);
            await foreach (var letter in queues.ReadAsync(new DeadLetterFilter(), cancellationToken))
            {
                await letters.AddAsync(letter, cancellationToken);
                Interlocked.Increment(ref _read);
            }
        }
        finally
        {
            _reading = null;
        }

        letters.Complete(_time.GetElapsedTime(begun));
        return letters;
    }

    private Task<IConnection> ConnectAsync(CancellationToken cancellationToken) =>
        _servers.ForRabbitMqAsync("voice-worker console", TimeSpan.Zero, cancellationToken);
}

/// <summary>How many letters lie in each queue.</summary>
internal sealed record LetterCounts(IReadOnlyDictionary<string, long> Of)
{
    public long Total { get; } = Of.Values.Sum();
}
