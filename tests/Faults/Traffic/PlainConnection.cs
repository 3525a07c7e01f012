using RabbitMQ.Client;

namespace VoiceWorker.Tests.Faults.Traffic;

/// <summary>A connection that is lost when it is lost: its owner opens another.</summary>
internal static class PlainConnection
{
    public static Task<IConnection> OpenAsync(Uri broker, string name, CancellationToken cancellationToken) =>
        OpenAsync([broker], name, cancellationToken);

    /// <summary>To any of several nodes.</summary>
    public static Task<IConnection> OpenAsync(
        IReadOnlyList<Uri> nodes, string name, CancellationToken cancellationToken)
    {
        var factory = new ConnectionFactory
        {
            Uri = nodes[0],
            AutomaticRecoveryEnabled = false,
            RequestedConnectionTimeout = TimeSpan.FromSeconds(5),
            ContinuationTimeout = TimeSpan.FromSeconds(20),
        };
        if (nodes.Count > 1)
        {
            // One that hangs is not to keep its clients from the others.
            factory.HandshakeContinuationTimeout = TimeSpan.FromSeconds(2);
            factory.RequestedHeartbeat = TimeSpan.FromSeconds(5);
        }

        // In an order of chance.
        return factory.CreateConnectionAsync(
            nodes.Select(node => new AmqpTcpEndpoint(node)), $"faults {name}", cancellationToken);
    }
}
