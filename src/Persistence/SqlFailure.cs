using System.Net.Sockets;
using System.Security.Authentication;
using Npgsql;

namespace VoiceWorker.Persistence;

/// <summary>Judges failures of PostgreSQL and of the way to it, by type and SQLSTATE; by text only what a pooler says
/// (<see cref="PoolerWords"/>).</summary>
public static class SqlFailure
{
    // The row itself is at fault; or a trigger of the legacy application refuses it: 27, 38, 39, P0.
    private static readonly HashSet<string> ClassesOfData =
    [
        ClassOf(PostgresErrorCodes.CardinalityViolation), ClassOf(PostgresErrorCodes.DataException),
        ClassOf(PostgresErrorCodes.IntegrityConstraintViolation), ClassOf(PostgresErrorCodes.WithCheckOptionViolation),
        ClassOf(PostgresErrorCodes.ProgramLimitExceeded), ClassOf(PostgresErrorCodes.TriggeredDataChangeViolation),
        ClassOf(PostgresErrorCodes.ExternalRoutineException),
        ClassOf(PostgresErrorCodes.ExternalRoutineInvocationException), ClassOf(PostgresErrorCodes.PlpgsqlError),
    ];

    private static readonly HashSet<string> ClassesOfOutage =
        [ClassOf(PostgresErrorCodes.ConnectionException), ClassOf(PostgresErrorCodes.InsufficientResources)];

    /// <summary>The judgement; wrapped failures are looked into.</summary>
    public static Failure Of(Exception failure) => FindCause(failure) switch
    {
        PostgresException sql => new(
            PoolerWords.KindOf(sql) ?? KindOf(StateOf(sql)), StateOf(sql),
            $"SQLSTATE {StateOf(sql)}: {sql.MessageText}", sql)
        {
            Names = NamesOf(sql),
        },
        UnwritableServerException server => new(
            FailureKind.Outage, PostgresErrorCodes.ReadOnlySqlTransaction, server.Message, server),
        ConnectionSettingsException wrong => Failure.Of(FailureKind.Settings, wrong),
        UnconfirmedCommitException late => new(FailureKind.Transient, PostgresErrorCodes.Warning, late.Message, late),
        UncomparedHistoryException early => Failure.Of(FailureKind.Transient, early),
        UnknownEventException newer => Failure.Of(FailureKind.Data, newer),
        { } lost => new(FailureKind.Outage, failure.GetBaseException().GetType().FullName!, DescribeWay(lost), lost),
        null => Failure.Unexpected(failure),
    };

    /// <summary>A description for logs.</summary>
    public static string Describe(Exception failure) => Of(failure).Words;

    /// <summary>The SQLSTATE, if PostgreSQL reported one.</summary>
    public static string? StateOf(Exception failure) =>
        FindCause(failure) is PostgresException sql ? StateOf(sql) : null;

    private static string StateOf(PostgresException sql) => PoolerWords.StateOf(sql) ?? sql.SqlState;

    /// <summary>What happened on the way to a server, in words for operators.</summary>
    public static string DescribeWay(Exception lost) => lost switch
    {
        _ when lost.InnerException is AggregateException many =>
            string.Join("; ", many.InnerExceptions.Select(Describe).Distinct()),
        _ when Failure.CausesOf(lost).OfType<SocketException>().FirstOrDefault() is { } socket =>
            socket.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain
                ? $"the host name cannot be resolved ({socket.Message})" : Sentence(socket.Message),
        _ when Failure.CausesOf(lost).OfType<AuthenticationException>().FirstOrDefault() is { } tls =>
            $"no TLS was agreed on ({Sentence(tls.Message).TrimEnd('.')})",
        _ when lost.GetBaseException() is TimeoutException => "no answer in time",
        _ when lost.GetBaseException() is EndOfStreamException => "the connection was closed",
        _ => lost.GetBaseException().Message,
    };

    private static FailureKind KindOf(string sqlState) => sqlState switch
    {
        // A standby, or a primary that became one.
        PostgresErrorCodes.ReadOnlySqlTransaction => FailureKind.Outage,
        PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow
            or PostgresErrorCodes.DatabaseDropped or PostgresErrorCodes.IdleSessionTimeout => FailureKind.Outage,
        PostgresErrorCodes.InvalidAuthorizationSpecification or PostgresErrorCodes.InvalidPassword
            or PostgresErrorCodes.InvalidCatalogName => FailureKind.Settings,
        PostgresErrorCodes.InsufficientPrivilege => FailureKind.Privilege,
        _ when ClassesOfOutage.Contains(ClassOf(sqlState)) => FailureKind.Outage,
        _ when ClassesOfData.Contains(ClassOf(sqlState)) => FailureKind.Data,
        _ => FailureKind.Transient,
    };

    private static string ClassOf(string sqlState) => sqlState[..2];

    // PostgreSQL quotes values in its message, not only in the detail: 'invalid input syntax for type integer: "…"'.
    private static string NamesOf(PostgresException sql) => string.Join(", ", new[]
    {
        $"SQLSTATE {sql.SqlState}", Named("table", sql.TableName), Named("column", sql.ColumnName),
        Named("constraint", sql.ConstraintName),
    }.OfType<string>());

    private static string? Named(string what, string? name) => string.IsNullOrEmpty(name) ? null : $"{what} {name}";

    private static string Sentence(string message) =>
        message.Length > 1 && char.IsLower(message[1]) ? char.ToLowerInvariant(message[0]) + message[1..] : message;

    // Entity Framework wraps what it takes for transient into an InvalidOperationException, and Npgsql what each of
    // several hosts said into its own.
    private static Exception? FindCause(Exception failure)
    {
        var causes = Failure.CausesOf(failure).ToList();
        return causes.Find(cause => cause is PostgresException or UnwritableServerException) ?? causes.Find(
            cause => cause is NpgsqlException or SocketException or IOException or TimeoutException
                or AuthenticationException or ConnectionSettingsException or UnconfirmedCommitException
                or UncomparedHistoryException or UnknownEventException);
    }
}
