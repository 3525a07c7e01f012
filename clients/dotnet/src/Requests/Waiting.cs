using System.Threading.Channels;

namespace VoiceWorker.Client.Requests;

/// <summary>The requests that somebody waits for, those of them that are still to be sent, and the last ones that
/// nobody waits for any more.</summary>
internal sealed class Waiting
{
    // How many that nobody waits for any more are remembered, to count their late replies.
    private const int Remembered = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Request> _requests = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, Request> _unsent = [];
    private readonly HashSet<string> _givenUp = new(StringComparer.Ordinal);
    private readonly Queue<string> _givenUpInOrder = new();
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Somebody waits for it from now on, and it is to be sent.</summary>
    public void Add(Request request)
    {
        lock (_lock)
        {
            _requests[request.CorrelationId] = request;
            _unsent[request.Number] = request;
        }

        Signal();
    }

    /// <summary>Nobody does any more.</summary>
    public void Forget(Request request)
    {
        lock (_lock)
        {
            _unsent.Remove(request.Number);
            if (!_requests.Remove(request.CorrelationId) || !request.NeedsReply || request.HasReply || !request.WasSent)
                return;
            _givenUp.Add(request.CorrelationId);
            _givenUpInOrder.Enqueue(request.CorrelationId);
            if (_givenUpInOrder.Count > Remembered)
                _givenUp.Remove(_givenUpInOrder.Dequeue());
        }
    }

    /// <summary>The first that is to be sent; null when there is none.</summary>
    public Request? TakeUnsent()
    {
        lock (_lock)
        {
            foreach (var (number, request) in _unsent)
            {
                _unsent.Remove(number);
                return request;
            }

            return null;
        }
    }

    /// <summary>There is another connection: all are to be sent on it, as replies go to the one that has
    /// asked.</summary>
    public void SendAllAgain()
    {
        lock (_lock)
        {
            foreach (var request in _requests.Values)
                _unsent[request.Number] = request;
        }

        Signal();
    }

    /// <summary>Whom a reply or a return is for.</summary>
    public Request? Find(string? correlationId)
    {
        lock (_lock)
            return correlationId is not null && _requests.TryGetValue(correlationId, out var request) ? request : null;
    }

    /// <summary>Whether a reply is for one that was given up. Once: a reply can arrive twice.</summary>
    public bool TakeLate(string? correlationId)
    {
        lock (_lock)
            return correlationId is not null && _givenUp.Remove(correlationId);
    }

    public IReadOnlyList<Request> All()
    {
        lock (_lock)
            return [.. _requests.Values];
    }

    /// <summary>Somebody should look whether there is one to be sent.</summary>
    public void Signal() => _signal.Writer.TryWrite(true);

    /// <summary>Returns when there may be.</summary>
    public ValueTask<bool> SignalledAsync(CancellationToken cancellationToken) =>
        _signal.Reader.ReadAsync(cancellationToken);
}
