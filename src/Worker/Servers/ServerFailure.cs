using Npgsql;
using VoiceWorker.Persistence;

namespace VoiceWorker.Servers;

/// <summary>Why a server does not answer, for people: the cause of it all, and never a secret.</summary>
internal static class ServerFailure
{
    /// <summary>In one line.</summary>
    /// <param name="failure">From an attempt to reach the server.</param>
    public static string Describe(Exception failure) => CauseOf(failure) switch
    {
        CertificateRefusedException refused => refused.Message,
        _ when FailureCauses.Of(failure).OfType<NpgsqlException>().Any() => SqlFailure.Describe(failure),
        var cause => $"{cause.GetType().Name}: {cause.Message}",
    };

    /// <summary>What was thrown first: RabbitMQ's client and TLS wrap it.</summary>
    /// <param name="failure">As it arrived.</param>
    public static Exception CauseOf(Exception failure) =>
        FailureCauses.Of(failure).OfType<CertificateRefusedException>().FirstOrDefault()
        ?? FailureCauses.Of(failure).Last();
}
