namespace VoiceWorker.Servers;

/// <summary>A server is not to be used at the moment.</summary>
/// <param name="message">Which, with host and port, and why.</param>
/// <param name="cause">What came instead of an answer.</param>
public sealed class ServerUnreachableException(string message, Exception cause) : Exception(message, cause)
{
    /// <summary>One that did not answer in time.</summary>
    /// <param name="server">PostgreSQL or RabbitMQ, with host and port.</param>
    /// <param name="reason">Why, for people.</param>
    /// <param name="cause">What came instead of an answer.</param>
    public ServerUnreachableException(string server, string reason, Exception cause)
        : this($"{server} does not answer: {reason}", cause)
    {
    }
}
