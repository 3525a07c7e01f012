using System.Text.Json.Nodes;
using RabbitMQ.Client;
using VoiceWorker.Servers;

namespace VoiceWorker.DeadLetters;

/// <summary>Messages that were sent back into their queues: which of them come back. Of each only a hash is
/// kept.</summary>
internal sealed class Resent
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    private readonly Dictionary<string, DateTimeOffset> _deathOf = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _origins = new(StringComparer.Ordinal);

    public int Count { get; private set; }

    /// <summary>The ids that they had, if they were kept.</summary>
    public List<string> Ids { get; } = [];

    public void Add(DeadLetter letter, ReadOnlyMemory<byte> body, bool keepsId)
    {
        Count++;
        if (keepsId)
            Ids.Add(letter.Id);
        _origins.Add(letter.Origin);
        var key = KeyOf(letter.Origin, body, letter);
        var died = letter.Death.At ?? DateTimeOffset.MinValue;
        _deathOf[key] = _deathOf.TryGetValue(key, out var other) && other > died ? other : died;
    }

    /// <summary>Waits until their queues are empty and no more dead letters come, then reads which came back.</summary>
    public async Task<Homecoming> WaitAsync(
        IConnection connection, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        if (Count == 0)
            return new Homecoming(null);
        if (patience == TimeSpan.Zero)
            return new Homecoming("not waited for");
        var why = await SettleAsync(connection, patience, time, cancellationToken);
        var back = new Homecoming(why);
        await using var queues = new DeadLetterQueues(connection);
        foreach (var origin in _origins)
        {
            var which = new DeadLetterFilter { Queue = origin };
            await foreach (var letter in queues.ReadAsync(which, cancellationToken))
            {
                // By the clock that noted both deaths.
                if (_deathOf.TryGetValue(KeyOf(origin, letter.Message.Body, letter), out var before)
                    && (letter.Death.At is null || letter.Death.At > before))
                    back.Add(letter);
            }
        }

        return back;
    }

    /// <summary>The same for somebody who may have enough of waiting.</summary>
    public async Task<Homecoming> WaitOrLeaveAsync(
        IConnection connection, TimeSpan patience, TimeProvider time, CancellationToken interruption)
    {
        try
        {
            return await WaitAsync(connection, patience, time, interruption);
        }
        catch (Exception) when (interruption.IsCancellationRequested)
        {
            return new Homecoming("interrupted");
        }
    }

    // Returns why it is not known; null when all is settled.
    private async Task<string?> SettleAsync(
        IConnection connection, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        var (begin, changed, last) = (time.GetTimestamp(), time.GetTimestamp(), -1L);
        while (true)
        {
            var (waiting, dead) = (0L, 0L);
            foreach (var origin in _origins)
            {
                var queue = await BrokerQueue.FindAsync(connection, origin, cancellationToken);
                if (queue is not { ConsumerCount: > 0 })
                    return $"nobody consumes {origin}";
                waiting += queue.MessageCount;
            }

            foreach (var (_, messages) in await new DeadLetterQueues(connection).CountAsync(cancellationToken))
                dead += messages;
            if (waiting > 0 || dead != last)
                (changed, last) = (time.GetTimestamp(), dead);
            else if (time.GetElapsedTime(changed) >= Quiet)
                return null;
            if (time.GetElapsedTime(begin) >= patience)
                return $"{waiting} messages still wait in {string.Join(" and ", _origins)}";
            await Task.Delay(Look, time, cancellationToken);
        }
    }

    private static string KeyOf(string origin, ReadOnlyMemory<byte> body, DeadLetter letter) =>
        DeadLetterId.Of(origin, body.Span, letter.Message.BasicProperties.MessageId, diedAt: null);
}

/// <summary>What came back, by reason.</summary>
/// <param name="unknown">Why more can come; null when that is all.</param>
internal sealed class Homecoming(string? unknown)
{
    public string? Unknown { get; } = unknown;

    public long Count => Groups.Count;

    public DeadLetterGroups Groups { get; } = new();

    public void Add(DeadLetter letter) => Groups.Add(DeadLetterSummary.Of(letter));

    public JsonArray ToJson() => new([.. Groups.Largest.Select(group => group.ToJson())]);
}
