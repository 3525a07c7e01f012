namespace VoiceWorker.Persistence;

/// <summary>What became of something that failed depends on this, and on nothing else.</summary>
public enum FailureKind
{
    /// <summary>The same again can succeed: serialization, deadlock, a timeout of a statement.</summary>
    Transient,

    /// <summary>The server or the way to it is away: connection, shutdown or crash, resources, read-only after a
    /// failover.</summary>
    Outage,

    /// <summary>The server answers and refuses this user, password, database or virtual host.</summary>
    Settings,

    /// <summary>The user lacks a right.</summary>
    Privilege,

    /// <summary>The row itself is at fault.</summary>
    Data,

    /// <summary>The message breaks its contract.</summary>
    Contract,

    /// <summary>Anything else: a bug, as far as is known.</summary>
    Unexpected,
}

/// <summary>One judgement of a failure, for retry, redelivery, logs, metrics, headers and exit code.</summary>
/// <param name="Kind">What decides what becomes of the work.</param>
/// <param name="Code">The SQLSTATE, the AMQP reply code, or the type of the exception: OpenTelemetry's
/// <c>error.type</c>.</param>
/// <param name="Words">For operators: what the server said, as <see cref="PeerText.Line"/> has it, and never its
/// detail, which can quote data.</param>
/// <param name="Cause">The exception that was judged, inside whatever wraps it.</param>
public sealed record Failure(FailureKind Kind, string Code, string Words, Exception Cause)
{
    public string Words { get; init => field = PeerText.Line(value); } = PeerText.Line(Words);

    /// <summary>For headers of a message, and the log of it: no value of a row or a message. What can pass is said in
    /// words, a bug by its type.</summary>
    public string Names
    {
        get => field ?? PeerText.Escape(CanPass ? Words : Cause.GetType().FullName!);
        init => field = PeerText.Escape(value);
    }

    /// <summary>Whether the same work is kept and tried again, however long it takes.</summary>
    public bool CanPass =>
        Kind is FailureKind.Transient or FailureKind.Outage or FailureKind.Settings or FailureKind.Privilege;

    /// <summary>A failure whose own message says it all.</summary>
    public static Failure Of(FailureKind kind, Exception cause) =>
        new(kind, cause.GetType().FullName!, cause.Message, cause);

    /// <summary>A failure that no server is behind.</summary>
    public static Failure Unexpected(Exception failure)
    {
        var cause = failure.GetBaseException();
        return new(
            FailureKind.Unexpected, cause.GetType().FullName!, $"{failure.GetType().Name}: {failure.Message}", cause);
    }

    /// <summary>The failure itself, then what it wraps, to the innermost: clients and frameworks wrap
    /// failures.</summary>
    public static IEnumerable<Exception> CausesOf(Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
            yield return cause;
    }
}
