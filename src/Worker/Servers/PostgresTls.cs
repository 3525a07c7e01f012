using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Npgsql;

namespace VoiceWorker.Servers;

/// <summary>Why PostgreSQL's certificate was refused: Npgsql checks it, but says only that its check failed.</summary>
internal static class PostgresTls
{
    private static readonly byte[] SslRequest = [0, 0, 0, 8, 4, 210, 22, 47];

    /// <summary>Whether it was the certificate.</summary>
    /// <param name="failure">From opening a connection.</param>
    public static bool IsRefusal(NpgsqlException failure) => failure.InnerException is AuthenticationException;

    /// <summary>Checks the certificate again, and sends nothing to a server that does not have the right one.</summary>
    /// <param name="connectionString">With SSL Mode VerifyCA or VerifyFull.</param>
    public static async Task<string> ExplainAsync(string connectionString, CancellationToken cancellationToken)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        var (host, port) = PostgresAddress.Of(settings)[0];
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(host, port, cancellationToken);
            await client.GetStream().WriteAsync(SslRequest, cancellationToken);
            await client.GetStream().ReadExactlyAsync(new byte[1], cancellationToken);
            var check = new CertificateCheck(CertificateCheck.ReadAuthorities(settings.RootCertificate));
            await using var tls = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, check.Accept);
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions { TargetHost = host }, cancellationToken);
            return "it does not verify";
        }
        catch (CertificateRefusedException refused)
        {
            return refused.Reason;
        }
        catch (Exception unclear) when (unclear is IOException or SocketException or AuthenticationException)
        {
            return "it does not verify";
        }
    }
}

/// <summary>One of the hosts of a connection string.</summary>
internal readonly record struct PostgresAddress(string Host, int Port)
{
    /// <summary>All of them; a host without a port has that of the connection string.</summary>
    public static IReadOnlyList<PostgresAddress> Of(NpgsqlConnectionStringBuilder settings) =>
        [.. (settings.Host ?? "").Split(',').Select(host => Read(host.Trim(), settings.Port))];

    /// <summary>Whether it is this machine; a socket's path begins with a slash.</summary>
    public bool IsHere => Host.StartsWith('/') || Host == "localhost"
        || (IPAddress.TryParse(Host, out var address) && IPAddress.IsLoopback(address));

    public override string ToString() =>
        Host.Contains(':') ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    // An IPv6 address has colons of its own.
    private static PostgresAddress Read(string host, int port)
    {
        var colon = host.LastIndexOf(':');
        var hasPort = colon > 0 && !host.StartsWith('/')
            && (host[colon - 1] == ']' || host.IndexOf(':') == colon);
        return new(
            (hasPort ? host[..colon] : host).Trim('[', ']'),
            hasPort && int.TryParse(host[(colon + 1)..], CultureInfo.InvariantCulture, out var own) ? own : port);
    }
}
