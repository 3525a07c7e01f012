namespace VoiceWorker.Infrastructure.Servers;

/// <summary>PostgreSQL's own client programs: psql and pg_dump.</summary>
public static class PostgresClient
{
    /// <summary>The folder that they are in, after apt-get if they are missing and we are root.</summary>
    /// <exception cref="ServerUnavailableException">They are missing.</exception>
    public static Task<string> FindAsync(ServerOptions options, CancellationToken cancellationToken) =>
        Installation.PostgresClient.FindAsync(options.Progress, cancellationToken);
}
