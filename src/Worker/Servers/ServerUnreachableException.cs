namespace VoiceWorker.Servers;

/// <summary>A server did not answer in time.</summary>
/// <param name="server">PostgreSQL or RabbitMQ, with host and port.</param>
/// <param name="reason">Why, for people.</param>
/// <param name="cause">What came instead of an answer.</param>
public sealed class ServerUnreachableException(string server, string reason, Exception cause)
    : Exception($"{server} does not answer: {reason}", cause);
