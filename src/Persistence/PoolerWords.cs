using Npgsql;

namespace VoiceWorker.Persistence;

/// <summary>What a pooler says itself. PgBouncer has one SQLSTATE for all of it, Supavisor another, and PgBouncer
/// before 1.20 gives its own to what the server said at the login: here alone, words have to tell a refusal from
/// an outage.</summary>
internal static class PoolerWords
{
    // From the sources of PgBouncer 1.18 to 1.25. What is not here is taken for an outage, as its "query_wait_timeout",
    // "server login has been failing" and "no more connections allowed" are.
    private static readonly string[] RefusalsOfPgBouncer =
    [
        "authentication failed", "no such user", "no such database", "is disabled", "login rejected",
        "no authentication method", "no username supplied", "name too long", "password too long", "empty password",
        "SSL required", "TLS connection required", "TLS client certificate required", "unsupported startup parameter",
        "unsupported options startup parameter", "invalid SASL authentication mechanism",
        // Of PostgreSQL, through PgBouncer.
        "does not exist", "no pg_hba.conf entry", "pg_hba.conf rejects", "is not permitted to log in",
        "is not currently accepting connections",
    ];

    private static readonly string[] RefusalsOfSupavisor =
    [
        "(ENOTFOUND)", "(ENOIDENTIFIER)", "(EINVALIDUSERINFO)", "(EADDRNOTALLOWED)", "(ESSLREQUIRED)",
        "(EMULTIPLEUSERS)", "Tenant or user not found",
    ];

    /// <summary>The kind of what the SQLSTATE alone does not tell; null of anything else.</summary>
    public static FailureKind? KindOf(PostgresException said) => (said.SqlState, said.InvariantSeverity) switch
    {
        (PostgresErrorCodes.ProtocolViolation, _) when Says(said, RefusalsOfPgBouncer) => FailureKind.Settings,
        (PostgresErrorCodes.InternalError, "FATAL") =>
            Says(said, RefusalsOfSupavisor) ? FailureKind.Settings : FailureKind.Outage,
        _ => null,
    };

    /// <summary>The SQLSTATE that PgBouncer has taken away from what the server said; null where it has not.</summary>
    public static string? StateOf(PostgresException said) =>
        said.SqlState is PostgresErrorCodes.ProtocolViolation && Says(said, ["permission denied for database"])
            ? PostgresErrorCodes.InsufficientPrivilege : null;

    /// <summary>Whether it is PgBouncer's refusal of a transaction, which it gives in statement mode.</summary>
    public static bool AreOfStatementMode(PostgresException said) =>
        said.SqlState is PostgresErrorCodes.ProtocolViolation && Says(said, ["statement pooling mode"]);

    private static bool Says(PostgresException said, string[] words) =>
        words.Any(one => said.MessageText.Contains(one, StringComparison.Ordinal));
}
