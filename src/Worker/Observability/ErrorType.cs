using Npgsql;

namespace VoiceWorker.Observability;

/// <summary>OpenTelemetry's <c>error.type</c>: the SQLSTATE, or the type of the exception; never its text.</summary>
internal static class ErrorType
{
    public static string Of(Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is PostgresException sql)
                return sql.SqlState;
        }

        return failure.GetBaseException().GetType().FullName!;
    }
}
