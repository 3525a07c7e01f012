using Microsoft.Extensions.Options;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Schema;

namespace VoiceWorker.Boot;

/// <summary>Refuses to go on with a schema that lacks anything.</summary>
internal sealed class SchemaCheck(
    PostgresConnections connections, IOptions<MigrationOptions> options, IOptions<ChangeOptions> changes,
    ILogger<SchemaCheck> logger)
{
    /// <summary>Returns when everything is there.</summary>
    /// <exception cref="SchemaVerificationException">Names every missing or wrong column.</exception>
    /// <exception cref="PrivilegeMissingException">Row level security hides rows from this role.</exception>
    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        await using var connection = await connections.OpenAsync(cancellationToken);
        (await TableAccess.ReadAsync(connection, cancellationToken)).EnsureAllShown();
        var problems = await SchemaVerification.FindProblemsAsync(
            connection, options.Value, changes.Value, cancellationToken);
        if (problems.Count > 0)
            throw new SchemaVerificationException(problems);
        logger.SchemaVerified();
    }

    /// <summary>What is in the way of this role though the schema verifies.</summary>
    public async Task<IReadOnlyList<TableObstacle>> FindObstaclesAsync(CancellationToken cancellationToken)
    {
        await using var connection = await connections.OpenAsync(cancellationToken);
        return [.. (await TableAccess.ReadAsync(connection, cancellationToken)).Obstacles(pending: [])];
    }
}
