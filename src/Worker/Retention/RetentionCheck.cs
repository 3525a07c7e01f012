using Microsoft.Extensions.Options;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Retention;
using VoiceWorker.Persistence.Schema;

namespace VoiceWorker.Retention;

/// <summary>Refuses to start where something is to be removed and the role may not: unnoticed, it would be kept for
/// ever.</summary>
internal sealed class RetentionCheck(PostgresConnections connections, IOptions<RetentionOptions> options)
{
    /// <summary>Returns when nothing is to be removed, or the role may.</summary>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <exception cref="PrivilegeMissingException">It may not.</exception>
    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        if (!options.Value.IsOn)
            return;
        await using var connection = await connections.OpenAsync(cancellationToken);
        if (!await RetentionTable.MayRemoveAsync(connection, cancellationToken))
        {
            throw new PrivilegeMissingException(
                "Retention:Decisions is set, and the role may not remove anything",
                $"GRANT EXECUTE ON FUNCTION voice.remove_decisions, voice.remove_events TO \"{connection.UserName}\";");
        }
    }
}
