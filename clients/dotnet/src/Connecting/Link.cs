using Microsoft.Extensions.Logging;
using VoiceWorker.Client.Requests;

namespace VoiceWorker.Client.Connecting;

/// <summary>The way to RabbitMQ: has the only connection, and opens it again. Callers never wait for a connection, only
/// for an answer.</summary>
internal sealed class Link : IAsyncDisposable
{
    // A connection that was of use for so long is opened again without a pause.
    private static readonly TimeSpan Steady = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Goodbye = TimeSpan.FromSeconds(2);

    private readonly Queue<Node> _nodes;
    private readonly Action _onLate;
    private readonly ILogger _logger;
    private readonly Troubles _troubles;
    private readonly Waiting _waiting = new();
    private readonly Deadlines _deadlines;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private long _number;

    /// <param name="nodes">Tried in turn, beginning with any.</param>
    /// <param name="onLate">Called for each reply that comes after its caller has stopped waiting.</param>
    /// <param name="logger">Of the client.</param>
    public Link(Node[] nodes, Action onLate, ILogger logger)
    {
        Random.Shared.Shuffle(nodes);
        _nodes = new Queue<Node>(nodes);
        (_onLate, _logger) = (onLate, logger);
        _troubles = new Troubles(logger);
        _deadlines = new Deadlines(Expire);
        // Who happens to be the first caller is not the context of all others.
        using (ExecutionContext.SuppressFlow())
            _running = Task.Run(RunAsync);
    }

    /// <summary>Ends when there has been a connection.</summary>
    public Task Connected => _troubles.Ended;

    /// <summary>Sends it now, or as soon as there is a connection while its caller waits.</summary>
    public void Submit(Request request, CancellationToken cancellationToken)
    {
        request.Number = Interlocked.Increment(ref _number);
        _deadlines.Add(request);
        _waiting.Add(request);
        request.Attach(Forget, cancellationToken);
        if (_stop.IsCancellationRequested)
            Expire(request);
    }

    /// <summary>Begins to end, and tells all who wait.</summary>
    public void Stop()
    {
        _stop.Cancel();
        foreach (var request in _waiting.All())
            Expire(request);
        _deadlines.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        Stop();
        await Task.WhenAny(_running, Task.Delay(Goodbye)).ConfigureAwait(false);
    }

    private void Forget(Request request)
    {
        _deadlines.Forget(request);
        _waiting.Forget(request);
    }

    private void Expire(Request request) =>
        request.Expire(_stop.IsCancellationRequested ? "the client is closed" : _troubles.Latest);

    private async Task RunAsync()
    {
        var pause = TimeSpan.Zero;
        while (!_stop.IsCancellationRequested)
        {
            pause = await TryNodesAsync().ConfigureAwait(false) ? TimeSpan.Zero : Pause.After(pause);
            await Task.Delay(pause, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Each once, until one has been of use; the next round begins behind it.
    private async Task<bool> TryNodesAsync()
    {
        for (var tried = 0; tried < _nodes.Count && !_stop.IsCancellationRequested; tried++)
        {
            var node = _nodes.Dequeue();
            _nodes.Enqueue(node);
            var session = new Session(node, _waiting, _troubles, _onLate, _logger);
            if (await session.RunAsync(_stop.Token).ConfigureAwait(false) is { } failure)
                _troubles.Tell($"{node.Name}: {failure}");
            if (session.Age > Steady)
                return true;
        }

        return false;
    }
}
