using System.Net.Sockets;
using Npgsql;

namespace VoiceWorker.Persistence.Commit;

/// <summary>Tells failures apart by type and SQLSTATE, never by text.</summary>
public static class SqlFailure
{
    // 22 data exception, 23 integrity constraint violation, 54 program limit exceeded: the row itself is at fault.
    private static readonly string[] ClassesCausedByData = ["22", "23", "54"];

    /// <summary>
    /// Whether the same request can succeed later: the server or the way to it is at fault (connection, serialization,
    /// deadlock, shutdown, resources, a missing right), not the data. Such a request is kept, however long it takes.
    /// </summary>
    /// <param name="failure">What was thrown; wrapped failures are looked into.</param>
    public static bool IsTransient(Exception failure) => FindCause(failure) switch
    {
        PostgresException sql => !ClassesCausedByData.Contains(sql.SqlState[..2]),
        NpgsqlException or SocketException or IOException or TimeoutException => true,
        _ => false,
    };

    /// <summary>A description for logs: type and SQLSTATE, with the server's message but never its detail, which can
    /// quote data.</summary>
    /// <param name="failure">What was thrown.</param>
    public static string Describe(Exception failure) => FindCause(failure) switch
    {
        PostgresException sql => $"SQLSTATE {sql.SqlState}: {sql.MessageText}",
        { } cause => $"{cause.GetType().Name}: {cause.Message}",
        null => $"{failure.GetType().Name}: {failure.Message}",
    };

    /// <summary>The SQLSTATE, if PostgreSQL reported one.</summary>
    /// <param name="failure">What was thrown.</param>
    public static string? StateOf(Exception failure) => (FindCause(failure) as PostgresException)?.SqlState;

    // Entity Framework wraps what it takes for transient into an InvalidOperationException.
    private static Exception? FindCause(Exception failure)
    {
        for (Exception? cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is NpgsqlException or SocketException or IOException or TimeoutException)
                return cause;
        }

        return null;
    }
}
