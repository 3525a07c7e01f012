namespace VoiceWorker.Infrastructure.Network;

/// <summary>Bytes that the proxy keeps to itself until they are released, or their connections cut.</summary>
public sealed class Hold
{
    private readonly Side _held;
    private readonly IReadOnlyList<Cue> _cues;
    private readonly Action<Hold> _forget;
    private readonly Lock _lock = new();
    private readonly Dictionary<ProxiedConnection, int> _heard = [];
    private readonly TaskCompletionSource _caught = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal Hold(Side held, IReadOnlyList<Cue> cues, Action<Hold> forget) =>
        (_held, _cues, _forget) = (held, cues, forget);

    /// <summary>Completes when the first bytes are held.</summary>
    public Task Caught => _caught.Task;

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

    internal Task PassAsync(
        ProxiedConnection connection, Side speaker, ReadOnlyMemory<byte> tail, ReadOnlyMemory<byte> piece)
    {
        lock (_lock)
        {
            var before = _heard.GetValueOrDefault(connection);
            var heard = _heard[connection] = Listen(before, speaker, [.. tail.Span, .. piece.Span], tail.Length);
            if (speaker != _held || heard < _cues.Count)
                return Task.CompletedTask;
        }

        _caught.TrySetResult();
        return _released.Task;
    }

    // One cue after the other. What was said before this piece counts as far as a cue does not end in it.
    private int Listen(int heard, Side speaker, ReadOnlySpan<byte> said, int tail)
    {
        var from = 0;
        while (heard < _cues.Count && _cues[heard].Speaker == speaker)
        {
            var cue = _cues[heard].Bytes.Span;
            from = Math.Max(from, tail - (cue.Length - 1));
            var found = said[from..].IndexOf(cue);
            if (found < 0)
                break;
            from += found + cue.Length;
            heard++;
        }

        return heard;
    }

    private ProxiedConnection[] Reached()
    {
        lock (_lock)
            return [.. _heard.Where(heard => heard.Value == _cues.Count).Select(heard => heard.Key)];
    }
}
