using Npgsql;

namespace VoiceWorker.Persistence.Schema;

/// <summary>Rights to write the worker's tables, or to do so by its functions, that other roles were given: ALTER
/// DEFAULT PRIVILEGES gives such rights on whatever is made, and no REVOKE FROM PUBLIC takes them back. What a role has
/// by being a member of another one is not among them.</summary>
public static class ForeignRights
{
    // A worker's role is known by a right on single columns, which is given by name alone. record_act is for operators.
    private const string Sql = """
        WITH given AS (
            SELECT format('%I.%I', n.nspname, c.relname) AS name, '' AS kind, c.relowner AS owner, acl.*
            FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace, aclexplode(c.relacl) AS acl
            WHERE n.nspname IN ('voice', 'voice_audit') AND c.relkind = 'r'
              AND acl.privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER')
            UNION ALL
            SELECT format('%I.%I', n.nspname, c.relname), '', c.relowner, acl.grantor, acl.grantee,
                   format('%s (%I)', acl.privilege_type, a.attname), acl.is_grantable
            FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
            JOIN pg_attribute AS a ON a.attrelid = c.oid, aclexplode(a.attacl) AS acl
            WHERE n.nspname IN ('voice', 'voice_audit') AND acl.privilege_type IN ('INSERT', 'UPDATE')
            UNION ALL
            SELECT format('%I.%I', n.nspname, p.proname), 'FUNCTION ', p.proowner, acl.*
            FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace,
                 aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS acl
            WHERE n.nspname = 'voice' AND p.prosecdef AND (p.proname <> 'record_act' OR acl.grantee = 0)
        ), worker AS (
            SELECT acl.grantee FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
            JOIN pg_attribute AS a ON a.attrelid = c.oid, aclexplode(a.attacl) AS acl
            WHERE n.nspname = 'voice' AND c.relname = 'relay_checkpoint' AND a.attname = 'published_seq'
              AND acl.privilege_type = 'UPDATE'
        )
        SELECT format('%s has %s on %s', other, string_agg(privilege_type, ', ' ORDER BY privilege_type), name),
               format('REVOKE %s ON %s%s FROM %s',
                      string_agg(privilege_type, ', ' ORDER BY privilege_type), kind, name, other)
        FROM (SELECT given.*, coalesce(quote_ident(role.rolname), 'PUBLIC') AS other
              FROM given LEFT JOIN pg_roles AS role ON role.oid = given.grantee
              WHERE given.grantee <> given.owner AND role.rolsuper IS NOT TRUE
                AND role.rolname IS DISTINCT FROM current_user
                AND given.grantee NOT IN (SELECT grantee FROM worker)) AS foreign_right
        GROUP BY other, name, kind ORDER BY other, name
        """;

    /// <summary>All that is neither the owner's, nor a superuser's, nor a worker's.</summary>
    /// <param name="connection">Any; the role may be the worker's.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public static async Task<IReadOnlyList<ForeignRight>> FindAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<ForeignRight>();
        while (await reader.ReadAsync(cancellationToken))
            found.Add(new(reader.GetString(0), reader.GetString(1)));
        return found;
    }
}

/// <summary>A right that another role has.</summary>
/// <param name="Text">Such as <c>reporting has INSERT on voice.outbox</c>.</param>
/// <param name="Revoke">The statement that takes it back.</param>
public sealed record ForeignRight(string Text, string Revoke);
