using System.Diagnostics;
using VoiceWorker.Client.Requests;

namespace VoiceWorker.Client.Connecting;

/// <summary>What was published on one channel and is not confirmed yet, by its delivery tag.</summary>
internal sealed class Unconfirmed
{
    // More wait with us: neither side's memory grows with a node that confirms more slowly than we publish.
    private const int Most = 5_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, Request> _requests = [];
    private ulong _last;
    private ulong _lowest = 1;
    private long _lastProgress = Stopwatch.GetTimestamp();

    public bool HasRoom
    {
        get
        {
            lock (_lock)
                return _requests.Count < Most;
        }
    }

    /// <summary>How long nothing has been heard, while something is to be confirmed.</summary>
    public TimeSpan Silence
    {
        get
        {
            lock (_lock)
                return _requests.Count == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(_lastProgress);
        }
    }

    /// <summary>It is published next.</summary>
    public void Add(Request request)
    {
        lock (_lock)
        {
            if (_requests.Count == 0)
                _lastProgress = Stopwatch.GetTimestamp();
            // Tags are 1, 2, 3 … on a channel.
            _requests[++_last] = request;
        }
    }

    /// <summary>The node is alive.</summary>
    public void Hear()
    {
        lock (_lock)
            _lastProgress = Stopwatch.GetTimestamp();
    }

    /// <summary>What one confirm is for.</summary>
    public IReadOnlyList<Request> Take(ulong tag, bool multiple)
    {
        var taken = new List<Request>();
        lock (_lock)
        {
            _lastProgress = Stopwatch.GetTimestamp();
            for (var one = multiple ? _lowest : tag; one <= tag; one++)
            {
                if (_requests.Remove(one, out var request))
                    taken.Add(request);
            }

            if (multiple && tag >= _lowest)
                _lowest = tag + 1;
        }

        return taken;
    }
}
