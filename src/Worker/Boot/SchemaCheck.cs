using Microsoft.Extensions.Options;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Schema;

namespace VoiceWorker.Boot;

/// <summary>Refuses to go on with a schema that lacks anything.</summary>
public sealed class SchemaCheck(
    PostgresConnections connections, IOptions<MigrationOptions> options, ILogger<SchemaCheck> logger)
{
    /// <summary>Returns when everything is there.</summary>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <exception cref="SchemaVerificationException">Names every missing or wrong column.</exception>
    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        await using var connection = await connections.OpenAsync(cancellationToken);
        var problems = await SchemaVerification.FindProblemsAsync(connection, options.Value, cancellationToken);
        if (problems.Count > 0)
            throw new SchemaVerificationException(problems);
        logger.SchemaVerified();
    }
}
