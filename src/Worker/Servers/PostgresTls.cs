using System.Globalization;
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

    /// <summary>Looks at the certificate once more, and sends nothing to a server that does not have the right
    /// one.</summary>
    /// <param name="connectionString">With SSL Mode VerifyCA or VerifyFull.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public static async Task<string> ExplainAsync(string connectionString, CancellationToken cancellationToken)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        var address = settings.Host!.Split(',')[0].Split(':');
        var port = address.Length > 1 ? int.Parse(address[1], CultureInfo.InvariantCulture) : settings.Port;
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(address[0], port, cancellationToken);
            await client.GetStream().WriteAsync(SslRequest, cancellationToken);
            await client.GetStream().ReadExactlyAsync(new byte[1], cancellationToken);
            var check = new CertificateCheck(CertificateCheck.ReadAuthorities(settings.RootCertificate));
            await using var tls = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, check.Accept);
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions { TargetHost = address[0] }, cancellationToken);
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
