using System.Diagnostics;

namespace VoiceWorker.Client.Requests;

/// <summary>
/// One message on its way, and the caller that waits for what becomes of it. It is settled once: by its reply, its
/// confirm, its deadline or its caller, on whatever thread that happens.
/// </summary>
/// <param name="exchange">Where it goes.</param>
/// <param name="body">As it is sent.</param>
/// <param name="timeout">How long its caller waits.</param>
internal abstract class Request(string exchange, byte[] body, TimeSpan timeout)
{
    // Direct reply-to has one address for all: the id must be no other request's, of whatever client.
    public string CorrelationId { get; } = Guid.NewGuid().ToString("N");

    public string Exchange => exchange;

    public ReadOnlyMemory<byte> Body => body;

    /// <summary>The W3C trace context of its caller, if there is one.</summary>
    public string? TraceParent { get; } =
        Activity.Current is { IdFormat: ActivityIdFormat.W3C } caller ? caller.Id : null;

    public long StartedAt { get; } = Stopwatch.GetTimestamp();

    /// <summary>When its caller stops waiting, by <see cref="Stopwatch"/>.</summary>
    public long Deadline { get; } =
        Stopwatch.GetTimestamp() + (long)(timeout.TotalSeconds * Stopwatch.Frequency);

    /// <summary>The order in which requests came.</summary>
    public long Number { get; set; }

    /// <summary>Whether the message says when its caller stops waiting, so that nobody answers it afterwards.</summary>
    public abstract bool Expires { get; }

    /// <summary>Whether a confirm is not enough.</summary>
    public abstract bool NeedsReply { get; }

    /// <summary>Whether a queue of RabbitMQ has it.</summary>
    public bool IsConfirmed { get; private set; }

    /// <summary>Why RabbitMQ did not take it, when it was last sent.</summary>
    public string? Refusal { get; private set; }

    public bool WasSent { get; private set; }

    public bool HasReply { get; private set; }

    public bool IsSettled => Volatile.Read(ref _isSettled) != 0;

    /// <summary>Below zero behind the deadline.</summary>
    public TimeSpan Remaining => Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), Deadline);

    private int _isSettled;
    private Action<Request>? _forget;
    private CancellationTokenRegistration _cancellation;

    /// <summary>Has its caller's token end it, and somebody told when it is settled; the latter twice at
    /// most.</summary>
    public void Attach(Action<Request> forget, CancellationToken cancellationToken)
    {
        _forget = forget;
        _cancellation = cancellationToken.UnsafeRegister(
            static (request, token) => ((Request)request!).Cancel(token), this);
        if (!IsSettled)
            return;
        // Meanwhile.
        _cancellation.Unregister();
        forget(this);
    }

    /// <summary>It is about to be published.</summary>
    public void Send()
    {
        WasSent = true;
        Refusal = null;
    }

    /// <summary>RabbitMQ has it, unless it came back.</summary>
    public void Confirm()
    {
        if (Refusal is not null)
            return;
        IsConfirmed = true;
        if (!NeedsReply)
            Expire("");
    }

    /// <summary>RabbitMQ does not take it. Who waits for a voice waits on: a repeat may still bring one.</summary>
    public void Refuse(string reason)
    {
        Refusal = reason;
        if (!Expires)
            Expire(reason);
    }

    /// <summary>Its reply is here; false when its caller has stopped waiting.</summary>
    /// <param name="type">The AMQP type.</param>
    /// <param name="reply">The body; not kept.</param>
    public bool Answer(string? type, ReadOnlyMemory<byte> reply)
    {
        HasReply = true;
        return Read(type, reply);
    }

    /// <summary>Its caller has waited long enough, or nothing more can come.</summary>
    /// <param name="trouble">Why there is no answer.</param>
    public abstract void Expire(string trouble);

    protected abstract bool Read(string? type, ReadOnlyMemory<byte> reply);

    protected abstract void Cancel(CancellationToken cancellationToken);

    /// <summary>Whether the one who asks is the first, and now tells the caller.</summary>
    protected bool Settle()
    {
        if (Interlocked.Exchange(ref _isSettled, 1) != 0)
            return false;
        _cancellation.Unregister();
        _forget?.Invoke(this);
        return true;
    }
}
