using System.Security.Authentication;

namespace VoiceWorker.Servers;

/// <summary>A server's certificate does not verify.</summary>
/// <param name="reason">Why.</param>
public sealed class CertificateRefusedException(string reason)
    : AuthenticationException($"its certificate was refused: {reason}")
{
    /// <summary>Why.</summary>
    public string Reason => reason;
}
