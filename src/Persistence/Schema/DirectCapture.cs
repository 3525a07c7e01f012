using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace VoiceWorker.Persistence.Schema;

/// <summary>The triggers that record what the application writes into <c>voice_id</c> itself, and their
/// function.</summary>
internal static class DirectCapture
{
    /// <summary>Triggers fire in the order of their names: before one of the application that changes the voice once
    /// more, so that the last that is recorded is what is stored.</summary>
    public const string UpdateTrigger = "aaa_voice_id_updated";

    public const string InsertTrigger = "aaa_voice_id_inserted";

    /// <summary>In pg_proc.</summary>
    public const string FunctionName = "record_direct_change";

    private const string Function = $"voice.{FunctionName}";

    // Not UPDATE OF voice_id: that leaves out what a trigger of the application puts into the row. Bytewise, whatever
    // the collation of the column is.
    private const string UpdateSql = $"""
        CREATE TRIGGER {UpdateTrigger} AFTER UPDATE ON TABLE FOR EACH ROW
            WHEN (OLD.voice_id COLLATE "C" IS DISTINCT FROM NEW.voice_id COLLATE "C")
            EXECUTE FUNCTION {Function}('VERSION')
        """;

    private const string InsertSql = $"""
        CREATE TRIGGER {InsertTrigger} AFTER INSERT ON TABLE FOR EACH ROW
            WHEN (NEW.voice_id COLLATE "C" IS DISTINCT FROM '{MigrationPlan.DefaultVoice}')
            EXECUTE FUNCTION {Function}('VERSION')
        """;

    // Not by names, which fail for a role that may not look into the schema.
    private const string ObstacleSql = $"""
        SELECT format('{Function} records nothing: its owner %I lacks %s', owner.rolname,
                      string_agg(needed.right || ' on voice' || coalesce('.' || needed.relation, ''), ', '))
        FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
        JOIN pg_roles AS owner ON owner.oid = p.proowner
        CROSS JOIN (VALUES (NULL, 'USAGE'), ('business_voice_change', 'SELECT'), ('business_voice_change', 'INSERT'),
                           ('outbox', 'INSERT')) AS needed (relation, "right")
        LEFT JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = needed.relation
        WHERE n.nspname = 'voice' AND p.proname = '{FunctionName}' AND NOT CASE
            WHEN needed.relation IS NULL THEN has_schema_privilege(owner.oid, n.oid, needed.right)
            ELSE coalesce(has_table_privilege(owner.oid, c.oid, needed.right), true) END
        GROUP BY owner.rolname
        """;

    private static readonly string FunctionSql =
        OwnSchema.ReadResource("VoiceWorker.Persistence.Schema.DirectChange.sql").TrimEnd();

    /// <summary>The function's body, as pg_proc has it.</summary>
    public static string Body { get; } = FunctionSql.Split("$record$")[1];

    /// <summary>Goes up with every change of function or triggers: what a version of the worker finds with a greater
    /// one is a later version's, and stays.</summary>
    public const int Number = 1;

    /// <summary>Of function and triggers; the triggers' argument. Another one is replaced, unless it is a later
    /// one.</summary>
    public static string Version { get; } = $"{Number}-" + Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(FunctionSql + UpdateSql + InsertSql)))[..16];

    /// <summary>Function and triggers, also in the place of others; no semicolon after the last.</summary>
    public static string Add(string table) => $"""
        {FunctionSql}
        DROP TRIGGER IF EXISTS {UpdateTrigger} ON {table};
        DROP TRIGGER IF EXISTS {InsertTrigger} ON {table};
        {Of(UpdateSql, table)};
        {Of(InsertSql, table)};
        -- Also for what logical replication writes, and for who switches the others off by session_replication_role.
        ALTER TABLE {table} ENABLE ALWAYS TRIGGER {UpdateTrigger}, ENABLE ALWAYS TRIGGER {InsertTrigger}
        """;

    /// <summary>Whatever there is of it.</summary>
    public static string Remove(string table) => $"""
        DROP TRIGGER IF EXISTS {UpdateTrigger} ON {table};
        DROP TRIGGER IF EXISTS {InsertTrigger} ON {table};
        DROP FUNCTION IF EXISTS {Function}()
        """;

    /// <summary>Why nothing is recorded though the triggers fire: what the owner of their function may not do; null
    /// when it may do all.</summary>
    /// <param name="connection">Any role.</param>
    public static async Task<string?> FindObstacleAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(ObstacleSql, connection);
        return await command.ExecuteScalarAsync(cancellationToken) as string;
    }

    private static string Of(string trigger, string table) => trigger
        .Replace("ON TABLE", $"ON {table}", StringComparison.Ordinal)
        .Replace("VERSION", Version, StringComparison.Ordinal);
}
