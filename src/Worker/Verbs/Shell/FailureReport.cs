using Microsoft.Extensions.Options;
using Npgsql;
using VoiceWorker.Boot;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Schema;
using VoiceWorker.Servers;

namespace VoiceWorker.Verbs.Shell;

/// <summary>What went wrong → a message for people and an exit code for scripts.</summary>
internal static class FailureReport
{
    /// <summary>Writes the message to standard error.</summary>
    /// <returns>The exit code.</returns>
    public static int Write(Exception failure)
    {
        foreach (var line in Explain(failure))
            Console.Error.WriteLine(line);
        return CodeOf(failure);
    }

    private static int CodeOf(Exception failure) => failure switch
    {
        OptionsValidationException or SettingsException or TopologyException or PooledConnectionException =>
            ExitCode.Usage,
        PrivilegeMissingException or RightMissingException => ExitCode.PrivilegeMissing,
        LockBudgetExceededException => ExitCode.LockBudgetExceeded,
        SchemaVerificationException => ExitCode.VerificationFailed,
        UnsupportedSchemaException => ExitCode.Unsupported,
        AggregateException { InnerExceptions.Count: > 0 } many => CodeOf(many.InnerExceptions[0]),
        _ => ServerFailure.Of(failure).Kind switch
        {
            FailureKind.Settings => ExitCode.Usage,
            FailureKind.Privilege => ExitCode.PrivilegeMissing,
            FailureKind.Outage => ExitCode.Unreachable,
            FailureKind.Data => ExitCode.Unsupported,
            _ => ExitCode.Unexpected,
        },
    };

    private static IEnumerable<string> Explain(Exception failure) => failure switch
    {
        OptionsValidationException settings => settings.Failures,
        SchemaVerificationException schema =>
            ["The database schema does not verify; the worker refuses to start:",
                .. schema.Problems.Select(problem => $"  {problem}")],
        PrivilegeMissingException privilege =>
            [$"{privilege.Message}. Nothing was written. Have this SQL run with psql by somebody who may:", "",
                privilege.Script],
        LockBudgetExceededException or UnsupportedSchemaException or SettingsException or TopologyException
            or PooledConnectionException or RightMissingException => [failure.Message],
        AggregateException many => many.InnerExceptions.SelectMany(Explain),
        _ => [Explain(ServerFailure.Of(failure), failure)],
    };

    private static string Explain(Failure judged, Exception failure) => judged.Kind switch
    {
        FailureKind.Unexpected => failure.ToString(),
        FailureKind.Privilege when judged.Cause is PostgresException =>
            $"{judged.Words}. docs/roles.sql has the rights that the worker's role needs; run it again after migrating",
        _ => judged.Words,
    };
}
