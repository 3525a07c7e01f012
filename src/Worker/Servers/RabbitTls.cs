using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using VoiceWorker.Persistence;

namespace VoiceWorker.Servers;

/// <summary>
/// TLS to RabbitMQ, decided here for every connection: on with amqps whatever the port, off with amqp, and never
/// without checking the certificate.
/// </summary>
internal static class RabbitTls
{
    /// <summary>How a node is spoken to.</summary>
    /// <param name="node">amqp or amqps.</param>
    /// <param name="caFile">See <see cref="ConnectionOptions.RabbitMqCaFile"/>.</param>
    public static SslOption OptionOf(Uri node, string caFile) =>
        node.Scheme == "amqps" ? Verified(node, caFile) : new SslOption { Enabled = false };

    /// <summary>What is wrong when the two sides do not understand each other, found out by speaking to the port as it
    /// would be right: a proxy whose servers are away closes connections as well. Empty when it is not that.</summary>
    /// <param name="failure">From opening a connection.</param>
    public static async Task<string> HintAtAsync(
        Exception failure, ConnectionOptions servers, CancellationToken cancellationToken)
    {
        if (failure is not BrokerUnreachableException || IsUnderstood(failure))
            return "";
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(2));
        foreach (var node in servers.Nodes.Uri.Nodes)
        {
            if (await HintAtAsync(node, patience.Token) is { Length: > 0 } hint)
                return hint;
        }

        return "";
    }

    private static async Task<string> HintAtAsync(Uri node, CancellationToken cancellationToken)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(node.IdnHost, BrokerUri.PortOf(node), cancellationToken);
            return node.Scheme == "amqp"
                ? await SpeaksTlsAsync(client.GetStream(), cancellationToken)
                    ? "; a port for TLS needs amqps://" : ""
                : await SpeaksAmqpAsync(client.GetStream(), cancellationToken)
                    ? "; amqps:// needs a port for TLS" : "";
        }
        catch (Exception unclear) when (unclear is IOException or SocketException or OperationCanceledException
            or AuthenticationException)
        {
            return "";
        }
    }

    private static bool IsUnderstood(Exception failure) => failure is NoNodeException none
        ? none.Has(SaysWhy) : Failure.CausesOf(failure).Any(SaysWhy);

    private static bool SaysWhy(Exception cause) =>
        cause is CertificateRefusedException or AuthenticationFailureException;

    private static async Task<bool> SpeaksTlsAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        // Whose certificate it is does not matter: nothing is sent.
#pragma warning disable CA5359
        await using var tls = new SslStream(stream, leaveInnerStreamOpen: true, (_, _, _, _) => true);
#pragma warning restore CA5359
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "" }, cancellationToken);
        return true;
    }

    // The broker answers a version that it does not know with the one that it knows.
    private static async Task<bool> SpeaksAmqpAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        await stream.WriteAsync("AMQP\0\0\0\0"u8.ToArray(), cancellationToken);
        var answer = new byte[4];
        await stream.ReadExactlyAsync(answer, cancellationToken);
        return answer.AsSpan().SequenceEqual("AMQP"u8);
    }

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
