namespace VoiceWorker.Client.Requests;

/// <summary>A request whose caller gets one result, an error, or its own cancellation.</summary>
/// <param name="exchange">Where it goes.</param>
/// <param name="body">As it is sent.</param>
/// <param name="timeout">How long its caller waits.</param>
internal abstract class ResultRequest<T>(string exchange, byte[] body, TimeSpan timeout)
    : Request(exchange, body, timeout)
{
    // Who blocks on the task is woken at once by whoever settles it; other continuations are not run by that thread.
    private readonly TaskCompletionSource<T> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Result => _result.Task;

    /// <summary>What a reply says.</summary>
    /// <exception cref="ContractException">The message breaks its contract.</exception>
    protected abstract T ReadReply(string? type, ReadOnlyMemory<byte> reply);

    /// <summary>The caller is about to get it.</summary>
    protected virtual void Note(T result)
    {
    }

    protected override bool Read(string? type, ReadOnlyMemory<byte> reply)
    {
        try
        {
            return Tell(ReadReply(type, reply));
        }
        catch (ContractException broken)
        {
            return Fail(broken);
        }
    }

    protected override void Cancel(CancellationToken cancellationToken)
    {
        if (Settle())
            _result.SetCanceled(cancellationToken);
    }

    /// <summary>Whether it is the first that the caller hears.</summary>
    protected bool Tell(T result)
    {
        if (!Settle())
            return false;
        Note(result);
        _result.SetResult(result);
        return true;
    }

    /// <summary>The same of an error.</summary>
    protected bool Fail(Exception error)
    {
        if (!Settle())
            return false;
        _result.SetException(error);
        return true;
    }
}
