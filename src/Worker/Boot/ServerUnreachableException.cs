namespace VoiceWorker.Boot;

/// <summary>A server did not answer in time.</summary>
/// <param name="server">PostgreSQL or RabbitMQ, with host and port.</param>
/// <param name="cause">What came instead of an answer.</param>
public sealed class ServerUnreachableException(string server, Exception cause)
    : Exception($"{server} does not answer: {cause.Message}", cause);
