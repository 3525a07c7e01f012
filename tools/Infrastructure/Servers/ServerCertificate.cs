using VoiceWorker.Infrastructure.Processes;

namespace VoiceWorker.Infrastructure.Servers;

/// <summary>What a server shows to its clients.</summary>
/// <param name="Pem">The certificate.</param>
/// <param name="KeyPem">Its private key.</param>
public sealed record ServerCertificate(string Pem, string KeyPem)
{
    private const string CertificateFile = "server.crt";
    private const string KeyFile = "server.key";

    /// <summary>Writes both as the server wants them: its own, the key unreadable for anybody else.</summary>
    internal async Task<(string Certificate, string Key)> WriteAsync(string folder, Account account, CancellationToken cancellationToken)
    {
        var (certificate, key) = (Path.Combine(folder, CertificateFile), Path.Combine(folder, KeyFile));
        await File.WriteAllTextAsync(certificate, Pem, cancellationToken);
        await File.WriteAllTextAsync(key, KeyPem, cancellationToken);
        await Command.RunAsync(["chmod", "600", key], cancellationToken);
        await account.OwnAsync(certificate, cancellationToken);
        await account.OwnAsync(key, cancellationToken);
        return (certificate, key);
    }
}
