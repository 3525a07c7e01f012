using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace VoiceWorker.Servers;

/// <summary>
/// TLS to RabbitMQ, decided here for every connection: on with amqps whatever the port, off with amqp, and never
/// without checking the certificate.
/// </summary>
internal static class RabbitTls
{
    /// <summary>Sets it, and with it the port when the URI has none.</summary>
    /// <param name="factory">The bus's or ours. MassTransit on its own turns TLS on by port, and accepts any
    /// authority.</param>
    /// <param name="servers">The settings.</param>
    public static void Apply(ConnectionFactory factory, ConnectionOptions servers)
    {
        var uri = new Uri(servers.RabbitMq);
        factory.Ssl = uri.Scheme == "amqps" ? Verified(uri, servers.RabbitMqCaFile) : new SslOption { Enabled = false };
        factory.Port = PortOf(uri);
    }

    /// <summary>The port that is meant.</summary>
    /// <param name="uri">amqp or amqps.</param>
    public static int PortOf(Uri uri) => uri.Port > 0 ? uri.Port : uri.Scheme == "amqps" ? 5671 : 5672;

    /// <summary>What may be wrong when the two sides do not understand each other; empty when they did.</summary>
    /// <param name="failure">From opening a connection.</param>
    /// <param name="servers">The settings.</param>
    public static string HintAt(Exception failure, ConnectionOptions servers) =>
        failure is not BrokerUnreachableException ? ""
        : (new Uri(servers.RabbitMq).Scheme, failure.GetBaseException()) switch
        {
            ("amqp", SocketException { SocketErrorCode: SocketError.ConnectionReset } or IOException
                or OperationInterruptedException) =>
                "; a port for TLS needs amqps://",
            ("amqps", AuthenticationException and not CertificateRefusedException or IOException) =>
                "; amqps:// needs a port for TLS",
            _ => "",
        };

    private static SslOption Verified(Uri uri, string caFile) => new()
    {
        Enabled = true,
        ServerName = uri.IdnHost,
        // The system's choice of versions.
        Version = SslProtocols.None,
        AcceptablePolicyErrors = SslPolicyErrors.None,
        CertificateValidationCallback = new CertificateCheck(CertificateCheck.ReadAuthorities(caFile)).Accept,
    };
}
