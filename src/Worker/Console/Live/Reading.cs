using Npgsql;
using VoiceWorker.Persistence;
using VoiceWorker.Servers;

namespace VoiceWorker.WebConsole.Live;

/// <summary>A question of a page to PostgreSQL. What cannot be answered, or not soon, is part of the page.</summary>
internal sealed class Reading(PostgresConnections connections)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>The answer, or else why there is none.</summary>
    public async Task<(T? Found, string? Failure)> AskAsync<T>(
        Func<NpgsqlConnection, CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            // A server that says nothing answers no cancellation either.
            return (await AnswerAsync(ask, limit.Token).WaitAsync(Patience, cancellationToken), null);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            return (default, Explain(failure));
        }
    }

    private async Task<T> AnswerAsync<T>(
        Func<NpgsqlConnection, CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        await using var connection = await connections.OpenAsync(cancellationToken);
        return await ask(connection, cancellationToken);
    }

    private static string Explain(Exception failure) => failure switch
    {
        OperationCanceledException or TimeoutException => "PostgreSQL does not answer in time",
        UnknownEventException unknown => unknown.Message,
        _ when SqlFailure.StateOf(failure) is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn
            or PostgresErrorCodes.UndefinedFunction or PostgresErrorCodes.InvalidSchemaName =>
            "The schema is not at its target: see Schema and doctor",
        _ => $"PostgreSQL: {ServerFailure.Describe(failure)}",
    };
}
