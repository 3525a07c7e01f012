using VoiceWorker.Persistence;

namespace VoiceWorker.Servers;

/// <summary>A server cannot be used.</summary>
/// <param name="kind">An outage, when waiting can help; else what it refuses.</param>
/// <param name="message">Which, with host and port, and why.</param>
/// <param name="cause">What came instead of an answer.</param>
public sealed class ServerUnreachableException(FailureKind kind, string message, Exception cause)
    : Exception(message, cause)
{
    /// <summary>From the last attempt.</summary>
    /// <param name="server">PostgreSQL or RabbitMQ, with host and port.</param>
    /// <param name="reason">In words.</param>
    /// <param name="judged">Why.</param>
    public ServerUnreachableException(string server, string reason, Failure judged)
        : this(judged.Kind, $"{server} {Verb(judged)}: {reason}", judged.Cause)
    {
    }

    /// <summary>Why.</summary>
    public FailureKind Kind => kind;

    private static string Verb(Failure judged) => judged switch
    {
        { Kind: FailureKind.Settings or FailureKind.Privilege } => "refuses the worker",
        // A SQLSTATE or a reply code is an answer.
        { Code: [>= '0' and <= '9', ..] } => "cannot be used",
        _ => "does not answer",
    };
}
