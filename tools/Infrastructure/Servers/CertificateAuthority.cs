using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace VoiceWorker.Infrastructure.Servers;

/// <summary>An authority that only the tests know.</summary>
public sealed class CertificateAuthority : IDisposable
{
    private static readonly OidCollection ServerAuthentication = [new("1.3.6.1.5.5.7.3.1")];

    private readonly X509Certificate2 _certificate;
    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();

    /// <summary>Makes a new one.</summary>
    public CertificateAuthority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        _certificate = request.CreateSelfSigned(_now.AddDays(-30), _now.AddDays(30));
    }

    /// <summary>For those who are to trust it.</summary>
    public string Pem => _certificate.ExportCertificatePem();

    /// <summary>A certificate for a host, from yesterday until then.</summary>
    /// <param name="host">A DNS name.</param>
    /// <param name="validFor">From now; negative for one that has expired.</param>
    public ServerCertificate Issue(string host, TimeSpan validFor)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(ServerAuthentication, critical: false));
        using var certificate = request.Create(
            _certificate, _now.AddDays(-7), _now + validFor, RandomNumberGenerator.GetBytes(8));
        return new ServerCertificate(certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    public void Dispose() => _certificate.Dispose();
}
