using Npgsql;

namespace VoiceWorker.Persistence;

/// <summary>
/// Row level security on <c>business</c>. A policy that hides a row makes it absent, without an error: calls would be
/// answered as of an unknown business. So every session has <c>row_security = off</c>, by which a statement that a
/// policy applies to fails (42501), unless the policies show this role every row.
/// </summary>
internal static class RowSecurity
{
    // What a policy says is compared as it is stored: pg_get_expr would lock the table.
    private const string IsTrue = "::text LIKE '{CONST :consttype 16 %:constvalue 1 [ 1 %'";

    /// <summary>Whether policies show the current role every row of the table <c>c</c> and let it change them: one for
    /// each that says true, and none that restricts it. No row where there is none.</summary>
    public const string PoliciesSql = $"""
        SELECT COALESCE(bool_or(polpermissive AND polcmd IN ('*', 'r') AND shows), false)
               AND COALESCE(bool_or(polpermissive AND polcmd IN ('*', 'w') AND shows AND takes), false)
               AND NOT COALESCE(bool_or(NOT polpermissive AND NOT (shows AND takes)), false) AS show_all,
               string_agg(quote_ident(polname), ', ' ORDER BY polname)
                   FILTER (WHERE NOT polpermissive AND NOT (shows AND takes)) AS restrictive
        FROM (
            SELECT polname, polcmd, polpermissive, COALESCE(polqual{IsTrue}, false) AS shows,
                   polcmd = 'r' OR COALESCE(polwithcheck{IsTrue}, polqual{IsTrue}, false) AS takes
            FROM pg_policy
            WHERE polrelid = c.oid AND polcmd IN ('*', 'r', 'w')
              AND EXISTS (
                  SELECT FROM unnest(polroles) AS role WHERE role = 0 OR pg_has_role(role, 'USAGE'))) AS applying
        """;

    private const string Business = $"""
        FROM pg_class AS c CROSS JOIN LATERAL ({PoliciesSql}) AS policies
        WHERE c.oid = to_regclass('business') AND row_security_active(c.oid)
        """;

    /// <summary>Lets the policies apply to a new session where they show it everything.</summary>
    public const string AdaptSql = $"SELECT set_config('row_security', 'on', false) {Business} AND show_all";

    private const string HidesSql =
        $"SELECT current_setting('row_security')::boolean AND EXISTS (SELECT {Business} AND NOT show_all)";

    /// <summary>When a business was not found: whether a policy that came later hides it.</summary>
    /// <exception cref="PostgresException">42501, as with row_security off.</exception>
    public static async Task EnsureShownAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(HidesSql, connection);
        if (await command.ExecuteScalarAsync(cancellationToken) is true)
        {
            throw new PostgresException(
                "row level security on business hides rows from this role", "ERROR", "ERROR",
                PostgresErrorCodes.InsufficientPrivilege);
        }
    }
}
