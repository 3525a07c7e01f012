using System.Net.Sockets;
using Npgsql;

namespace VoiceWorker.Persistence;

/// <summary>Tells failures apart by type and SQLSTATE, never by text.</summary>
public static class SqlFailure
{
    // The row itself is at fault: 21 cardinality, 22 data, 23 integrity constraint, 44 check option, 54 program limit;
    // or a trigger of the legacy application refuses it: 27 triggered data change, 38 and 39 routine, P0 PL/pgSQL.
    private static readonly string[] ClassesCausedByData = ["21", "22", "23", "27", "38", "39", "44", "54", "P0"];

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

    /// <summary>Whether the server or the way to it was lost: connection, shutdown or crash, resources.</summary>
    /// <param name="failure">What was thrown; wrapped failures are looked into.</param>
    public static bool IsOutage(Exception failure) => FindCause(failure) switch
    {
        PostgresException { SqlState: ['0', '8', ..] or ['5', '3', ..] or ['5', '7', 'P', ..] } => true,
        PostgresException => false,
        { } => true,
        null => false,
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
    private static Exception? FindCause(Exception failure) => FailureCauses.Of(failure).FirstOrDefault(
        cause => cause is NpgsqlException or SocketException or IOException or TimeoutException);
}
