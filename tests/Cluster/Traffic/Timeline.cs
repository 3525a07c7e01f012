using System.Diagnostics;

namespace VoiceWorker.Tests.Cluster.Traffic;

/// <summary>When each message was confirmed and when its event arrived, and the other signs of life.</summary>
public sealed class Timeline
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _confirmed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _arrived = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<long>> _pulses = new(StringComparer.Ordinal);

    /// <summary>The broker has taken a message.</summary>
    public void Confirm(string cause)
    {
        lock (_lock)
            _confirmed.TryAdd(cause, Stopwatch.GetTimestamp());
    }

    /// <summary>Its event is there.</summary>
    public void Arrive(string cause)
    {
        lock (_lock)
            _arrived.TryAdd(cause, Stopwatch.GetTimestamp());
    }

    /// <summary>Something that never stops for long was seen again.</summary>
    public void Beat(string pulse)
    {
        lock (_lock)
        {
            if (!_pulses.TryGetValue(pulse, out var beats))
                _pulses[pulse] = beats = [];
            beats.Add(Stopwatch.GetTimestamp());
        }
    }

    /// <summary>Nobody waits for it any more.</summary>
    public void Forget(string pulse)
    {
        lock (_lock)
            _pulses.Remove(pulse);
    }

    /// <summary>The same of the events of messages that were confirmed before a moment.</summary>
    public void Forget(long before)
    {
        lock (_lock)
        {
            var open = _confirmed
                .Where(message => message.Value < before && !_arrived.ContainsKey(message.Key)).ToList();
            foreach (var (cause, _) in open)
                _confirmed.Remove(cause);
        }
    }

    /// <summary>All that has taken too long since a moment, each with its beginning and end; what is not over yet ends
    /// now.</summary>
    public IReadOnlyList<Pause> Since(long moment)
    {
        lock (_lock)
        {
            var now = Stopwatch.GetTimestamp();
            var waits = _confirmed
                .Select(message => new Pause("event", message.Value, _arrived.GetValueOrDefault(message.Key, now)));
            var silences = _pulses.SelectMany(pulse => pulse.Value.Prepend(moment).Append(now).Order()
                .Zip(pulse.Value.Append(now).Order(), (from, to) => new Pause(pulse.Key, from, to)));
            return [.. waits.Concat(silences).Where(pause => pause.To > moment && pause.Length > TimeSpan.Zero)];
        }
    }
}

/// <summary>A wait between two moments of <see cref="Stopwatch"/>.</summary>
/// <param name="Of">What was waited for.</param>
/// <param name="From">Beginning.</param>
/// <param name="To">End.</param>
public readonly record struct Pause(string Of, long From, long To)
{
    public TimeSpan Length => Stopwatch.GetElapsedTime(From, To);
}
