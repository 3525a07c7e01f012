namespace VoiceWorker.Client.Requests;

/// <summary>
/// Tells requests that their time is over, from a thread of its own. Timers of .NET run on the thread pool, which a
/// program can keep busy for seconds: that is when its callers need their default most.
/// </summary>
internal sealed class Deadlines : IDisposable
{
    private readonly object _gate = new();
    private readonly SortedSet<Request> _requests = new(Comparer<Request>.Create(
        static (one, other) => (one.Deadline, one.Number).CompareTo((other.Deadline, other.Number))));

    private readonly Action<Request> _expire;
    private bool _isClosed;

    /// <param name="expire">Called for each whose time is over; does not throw.</param>
    public Deadlines(Action<Request> expire)
    {
        _expire = expire;
        new Thread(Run) { IsBackground = true, Name = "voice-worker-client" }.UnsafeStart();
    }

    public void Add(Request request)
    {
        lock (_gate)
        {
            _requests.Add(request);
            if (_requests.Min == request)
                Monitor.Pulse(_gate);
        }
    }

    public void Forget(Request request)
    {
        lock (_gate)
            _requests.Remove(request);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isClosed = true;
            Monitor.Pulse(_gate);
        }
    }

    private void Run()
    {
        while (TakeNext() is { } request)
            _expire(request);
    }

    // Null at the end.
    private Request? TakeNext()
    {
        lock (_gate)
        {
            while (!_isClosed)
            {
                var next = _requests.Min;
                if (next is null)
                    Monitor.Wait(_gate);
                else if (next.Remaining is { Ticks: > 0 } left)
                    Monitor.Wait(_gate, (int)left.TotalMilliseconds + 1);
                else
                {
                    _requests.Remove(next);
                    return next;
                }
            }

            return null;
        }
    }
}
