using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace VoiceWorker.Servers;

/// <summary>
/// Whether a server's certificate is accepted, and if not why. It must be valid now, for the host that was asked for,
/// and signed by an authority that is trusted: there is no setting that lets one pass.
/// </summary>
/// <param name="authorities">The only ones that are trusted; null for those of the system.</param>
internal sealed class CertificateCheck(X509Certificate2Collection? authorities)
{
    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");

    /// <summary>Reads the authorities of a PEM file; null when there is none, for those of the system.</summary>
    /// <param name="pemFile">A path; empty for none.</param>
    /// <exception cref="CryptographicException">There is no certificate in it.</exception>
    public static X509Certificate2Collection? ReadAuthorities(string? pemFile)
    {
        if (string.IsNullOrEmpty(pemFile))
            return null;
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(pemFile);
        return authorities.Count > 0 ? authorities : throw new CryptographicException("no certificate in it");
    }

    /// <summary>What a TLS handshake asks.</summary>
    /// <exception cref="CertificateRefusedException">It is not accepted; thrown, because an answer of false has no
    /// reason.</exception>
    public bool Accept(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        FindRefusal(certificate as X509Certificate2, chain, errors) is { } reason
            ? throw new CertificateRefusedException(reason) : true;

    /// <summary>Why it is not accepted; null when it is.</summary>
    public string? FindRefusal(X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null || chain is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
            return "the server has none";
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            return $"it is for another host ({Subjects(certificate)})";
        if (authorities is null)
            return errors == SslPolicyErrors.None ? null : Explain(certificate, chain);
        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.AddRange(authorities);
        own.ChainPolicy.ExtraStore.AddRange(chain.ChainPolicy.ExtraStore);
        own.ChainPolicy.ApplicationPolicy.Add(ServerAuthentication);
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        own.ChainPolicy.DisableCertificateDownloads = true;
        return own.Build(certificate) ? null : Explain(certificate, own);
    }

    private static string Explain(X509Certificate2 certificate, X509Chain chain) => string.Join("; ", chain.ChainStatus
        .Select(status => status.Status switch
        {
            X509ChainStatusFlags.NotTimeValid =>
                $"it is valid from {certificate.NotBefore:u} to {certificate.NotAfter:u} only",
            X509ChainStatusFlags.UntrustedRoot or X509ChainStatusFlags.PartialChain =>
                "it is not signed by an authority that is trusted here",
            X509ChainStatusFlags.NotValidForUsage => "it is not meant for a server",
            var other => other.ToString(),
        })
        .Distinct());

    private static string Subjects(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(extension => extension.EnumerateDnsNames().Concat(
                extension.EnumerateIPAddresses().Select(address => $"{address}")))
            .ToList();
        return names.Count > 0 ? string.Join(", ", names) : certificate.Subject;
    }
}

/// <summary>A server's certificate does not verify.</summary>
/// <param name="reason">Why.</param>
internal sealed class CertificateRefusedException(string reason)
    : AuthenticationException($"its certificate was refused: {reason}")
{
    public string Reason => reason;
}
