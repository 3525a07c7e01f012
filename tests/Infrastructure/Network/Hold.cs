namespace VoiceWorker.Infrastructure.Network;

/// <summary>Bytes that the proxy keeps to itself until they are released, or their connections cut.</summary>
public sealed class Hold
{
    private readonly Side _held;
    private readonly Side _heard;
    private readonly byte[] _sequence;
    private readonly Action<Hold> _forget;
    private readonly HashSet<ProxiedConnection> _connections = [];
    private readonly TaskCompletionSource _caught = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal Hold(Side held, Side heard, byte[] sequence, Action<Hold> forget) =>
        (_held, _heard, _sequence, _forget) = (held, heard, sequence, forget);

    /// <summary>Completes when the first bytes are held.</summary>
    public Task Caught => _caught.Task;

    /// <summary>Lets go what is held, and holds no more.</summary>
    public void Release()
    {
        _forget(this);
        _released.TrySetResult();
    }

    /// <summary>Resets the connections on which the sequence was heard; what is held is lost. Holds no more.</summary>
    public void Cut()
    {
        _forget(this);
        foreach (var connection in Connections())
            connection.Cut();
        _released.TrySetResult();
    }

    internal Task PassAsync(ProxiedConnection connection, Side speaker, ReadOnlyMemory<byte> tail, ReadOnlyMemory<byte> piece)
    {
        if (speaker == _heard && Contains(tail.Span, piece.Span))
        {
            lock (_connections)
                _connections.Add(connection);
        }

        if (speaker != _held || !Connections().Contains(connection))
            return Task.CompletedTask;
        _caught.TrySetResult();
        return _released.Task;
    }

    // What was said before this piece counts as far as the sequence does not end in it.
    private bool Contains(ReadOnlySpan<byte> tail, ReadOnlySpan<byte> piece)
    {
        if (_sequence.Length == 0)
            return true;
        var before = tail[^Math.Min(tail.Length, _sequence.Length - 1)..];
        byte[] seam = [.. before, .. piece[..Math.Min(piece.Length, _sequence.Length - 1)]];
        return piece.IndexOf(_sequence) >= 0 || seam.AsSpan().IndexOf(_sequence) >= 0;
    }

    private ProxiedConnection[] Connections()
    {
        lock (_connections)
            return [.. _connections];
    }
}
