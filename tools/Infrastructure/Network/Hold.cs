namespace VoiceWorker.Infrastructure.Network;

/// <summary>Bytes that the proxy keeps to itself until they are released, or their connections cut.</summary>
public sealed class Hold
{
    private readonly string _moment;
    private readonly Side _held;
    private readonly IReadOnlyList<Cue> _cues;
    private readonly Action<Hold> _forget;
    private readonly Lock _lock = new();
    private readonly Dictionary<ProxiedConnection, int> _heard = [];
    private readonly TaskCompletionSource _caught = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal Hold(string moment, Side held, IReadOnlyList<Cue> cues, Action<Hold> forget) =>
        (_moment, _held, _cues, _forget) = (moment, held, cues, forget);

    /// <summary>Returns when the first bytes are held.</summary>
    /// <param name="patience">How long that may take.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="TimeoutException">It took longer; says which cue has not come.</exception>
    public async Task ReachedAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        try
        {
            await _caught.Task.WaitAsync(patience, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"the moment '{_moment}' never came: {Progress()}");
        }
    }

    /// <summary>Goes on holding what it has, and takes nothing more.</summary>
    public void TakeNoMore() => _forget(this);

    /// <summary>Lets go what is held, and holds no more.</summary>
    public void Release()
    {
        _forget(this);
        _released.TrySetResult();
    }

    /// <summary>Resets the connections on which all cues were heard; what is held is lost. Holds no more.</summary>
    public void Cut()
    {
        _forget(this);
        foreach (var connection in Reached())
            connection.Cut();
        _released.TrySetResult();
    }

    internal Task PassAsync(ProxiedConnection connection, Utterance said)
    {
        lock (_lock)
        {
            var heard = _heard[connection] = Listen(_heard.GetValueOrDefault(connection), said);
            if (said.Speaker != _held || heard < _cues.Count)
                return Task.CompletedTask;
        }

        _caught.TrySetResult();
        return _released.Task;
    }

    // One cue after the other.
    private int Listen(int heard, Utterance said)
    {
        var from = 0;
        while (heard < _cues.Count && _cues[heard].Speaker == said.Speaker)
        {
            from = _cues[heard].Find(said, from);
            if (from < 0)
                break;
            heard++;
        }

        return heard;
    }

    // Of the connection that came nearest.
    private string Progress()
    {
        lock (_lock)
        {
            var most = _heard.Values.DefaultIfEmpty().Max();
            object missing = most < _cues.Count ? _cues[most] : "what is to be held";
            return $"heard {most} of {_cues.Count} cues on {_heard.Count} connections; waiting for {missing}";
        }
    }

    private ProxiedConnection[] Reached()
    {
        lock (_lock)
            return [.. _heard.Where(heard => heard.Value == _cues.Count).Select(heard => heard.Key)];
    }
}
