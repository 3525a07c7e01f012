using System.Net.Security;
using RabbitMQ.Client;

namespace VoiceWorker.Client.Connecting;

/// <summary>A RabbitMQ, and how to connect to it.</summary>
/// <param name="Name">Host and port, for people.</param>
/// <param name="Factory">Makes connections.</param>
internal sealed record Node(string Name, ConnectionFactory Factory)
{
    // Shorter than the defaults of RabbitMQ.Client, because another node may be there.
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Connect = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Handshake = TimeSpan.FromSeconds(4);

    /// <summary>One for each URI.</summary>
    /// <param name="uris">At least one.</param>
    /// <param name="configure">For what a URI cannot say.</param>
    /// <exception cref="ArgumentException">There is none, or one is wrong; without the URI, which has the
    /// password.</exception>
    public static Node[] Of(IEnumerable<string> uris, Action<ConnectionFactory>? configure)
    {
        Node[] nodes = [.. uris.Select(uri => Of(uri, configure))];
        return nodes.Length > 0 ? nodes : throw new ArgumentException("Uris names no RabbitMQ");
    }

    private static Node Of(string given, Action<ConnectionFactory>? configure)
    {
        if (!Uri.TryCreate(given, UriKind.Absolute, out var uri) || uri.Scheme is not ("amqp" or "amqps")
            || uri.Host.Length == 0 || uri.Segments.Length > 2)
            throw new ArgumentException("Uris: an AMQP URI such as amqp://user:password@host:5672/ is needed");
        var factory = new ConnectionFactory
        {
            Uri = uri,
            ClientProvidedName = "voice-worker-client",
            RequestedHeartbeat = Heartbeat,
            RequestedConnectionTimeout = Connect,
            HandshakeContinuationTimeout = Handshake,
        };
        // RabbitMQ.Client takes a certificate of whatever name when TLS is asked for by a URI.
        factory.Ssl.AcceptablePolicyErrors = SslPolicyErrors.None;
        configure?.Invoke(factory);
        // It would go on with one node, and with what nobody waits for any more.
        factory.AutomaticRecoveryEnabled = false;
        factory.TopologyRecoveryEnabled = false;
        return new Node($"{factory.HostName}:{factory.Endpoint.Port}", factory);
    }
}
