using Microsoft.Extensions.Options;
using Npgsql;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Servers;

namespace VoiceWorker.Verbs.Shell;

/// <summary>Records what an operator did. What was done is done: where that cannot be recorded it is said, and nothing
/// else changes.</summary>
internal sealed class ActRecorder(PostgresConnections connections, TimeProvider time)
{
    // The verbs for dead letters do not wait for a PostgreSQL that is away.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);

    private string _waitsFor = "no answer in time";
    private bool _isSent;

    /// <summary>Records it.</summary>
    /// <returns>Null, or why it is not recorded.</returns>
    public static async Task<string?> RecordAsync(IServiceProvider services, OperatorActed act)
    {
        const string none = "This act is not recorded in voice.operator_action: ";
        if (string.IsNullOrEmpty(services.GetRequiredService<IOptions<ConnectionOptions>>().Value.Postgres))
            return none + "ConnectionStrings:Postgres is missing";
        var recorder = new ActRecorder(
            services.GetRequiredService<PostgresConnections>(), services.GetRequiredService<TimeProvider>());
        try
        {
            // A server that says nothing answers no cancellation either.
            await recorder.RecordAsync(act).WaitAsync(Patience);
            return null;
        }
        catch (Exception failure)
        {
            var server = services.GetRequiredService<ServerWait>().NameOfPostgres();
            var isKnown = !recorder._isSent || SqlFailure.Of(failure).Cause is PostgresException;
            return (isKnown ? none : "Whether this act is recorded in voice.operator_action is not known: ")
                + $"{server}: {recorder.Explain(failure)}";
        }
    }

    private async Task RecordAsync(OperatorActed act)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            try
            {
                await connections.CommitAsync(
                    connection => WriteAsync(connection, act, patience.Token), patience.Token);
                return;
            }
            catch (UncomparedHistoryException early)
            {
                // Nothing was tried.
                _waitsFor = early.Message;
                await Task.Delay(BetweenLooks, time, patience.Token);
            }
        }
    }

    private async Task<bool> WriteAsync(
        NpgsqlConnection connection, OperatorActed act, CancellationToken cancellationToken)
    {
        _isSent = true;
        await OperatorActionTable.RecordAsync(connection, act, cancellationToken);
        return true;
    }

    private string Explain(Exception failure) => SqlFailure.StateOf(failure) switch
    {
        PostgresErrorCodes.UndefinedFunction or PostgresErrorCodes.UndefinedTable
            or PostgresErrorCodes.InvalidSchemaName =>
            "there is no voice.record_act yet; voice-worker migrate makes it",
        PostgresErrorCodes.InsufficientPrivilege =>
            $"{SqlFailure.Describe(failure)}; docs/roles.sql has the rights that an operator needs",
        _ => failure is OperationCanceledException or TimeoutException ? _waitsFor : SqlFailure.Describe(failure),
    };
}
