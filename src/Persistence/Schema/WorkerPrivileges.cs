using Npgsql;

namespace VoiceWorker.Persistence.Schema;

/// <summary>Every right that a running worker and its verbs need, as docs/roles.sql gives it to
/// voice_worker.</summary>
public static class WorkerPrivileges
{
    private const string Own = "voice";
    private const string Audit = "voice_audit";

    // What does not exist is not asked for: that it is missing is the schema's matter. Not by to_regclass, which fails
    // for a schema that may not be looked into.
    private const string MissingSql = """
        SELECT concat_ws('.', needed.right || ' on ' || needed.schema, NULLIF(needed.relation, ''),
                   NULLIF(needed.column, '')),
               format('GRANT %s%s ON %s TO %I', needed.right, ' (' || quote_ident(NULLIF(needed.column, '')) || ')',
                   CASE WHEN needed.relation = '' THEN format('SCHEMA %I', needed.schema)
                        WHEN c.relkind = 'S' THEN format('SEQUENCE %I.%I', needed.schema, needed.relation)
                        WHEN needed.right = 'EXECUTE' THEN format('FUNCTION %I.%I', needed.schema, needed.relation)
                        ELSE format('%I.%I', needed.schema, needed.relation) END, current_user)
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) WITH ORDINALITY
            AS needed (schema, relation, "column", "right", position)
        JOIN pg_namespace AS n ON n.nspname = needed.schema
        LEFT JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = needed.relation
        LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = needed.column AND NOT a.attisdropped
        LEFT JOIN pg_proc AS p ON p.pronamespace = n.oid AND p.proname = needed.relation
        WHERE NOT CASE
            WHEN needed.right = 'EXECUTE' THEN has_function_privilege(p.oid, needed.right)
            WHEN needed.relation = '' THEN has_schema_privilege(n.oid, needed.right)
            WHEN needed.column <> '' THEN has_column_privilege(c.oid, a.attnum, needed.right)
            WHEN c.relkind = 'S' THEN has_sequence_privilege(c.oid, needed.right)
            ELSE has_table_privilege(c.oid, needed.right) END
        ORDER BY position
        """;

    /// <summary>The rights that this role lacks.</summary>
    /// <param name="connection">Any.</param>
    /// <param name="legacySchema">Schema of the legacy tables.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public static async Task<IReadOnlyList<MissingRight>> FindMissingAsync(
        NpgsqlConnection connection, string legacySchema, CancellationToken cancellationToken)
    {
        var needed = Needed(legacySchema).ToList();
        await using var command = new NpgsqlCommand(MissingSql, connection)
        {
            Parameters =
            {
                Unnest.Text(needed, one => one.Schema), Unnest.Text(needed, one => one.Relation),
                Unnest.Text(needed, one => one.Column), Unnest.Text(needed, one => one.Right),
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var missing = new List<MissingRight>();
        while (await reader.ReadAsync(cancellationToken))
            missing.Add(new(reader.GetString(0), reader.GetString(1)));
        return missing;
    }

    private static IEnumerable<(string Schema, string Relation, string Column, string Right)> Needed(
        string legacySchema) =>
    [
        (legacySchema, "", "", "USAGE"), (Own, "", "", "USAGE"), (Audit, "", "", "USAGE"),
        (legacySchema, "business", "id", "SELECT"),
        (legacySchema, "business", "voice_id", "SELECT"), (legacySchema, "business", "voice_id", "UPDATE"),
        (Own, "schema_history", "", "SELECT"), (Own, "retention", "", "SELECT"),
        (Own, "call_voice", "", "SELECT"), (Own, "call_voice", "", "INSERT"),
        (Own, "business_voice_change", "", "SELECT"), (Own, "business_voice_change", "", "INSERT"),
        (Own, "outbox", "", "SELECT"), (Own, "outbox", "", "INSERT"), (Own, "outbox", "", "DELETE"),
        (Own, "relay_checkpoint", "", "SELECT"),
        (Own, "relay_checkpoint", "published_seq", "UPDATE"), (Own, "relay_checkpoint", "updated_at", "UPDATE"),
        (Own, "relay_checkpoint", "history_database", "UPDATE"),
        (Own, "relay_checkpoint", "history_timeline", "UPDATE"),
        (Own, "migration_run", "", "SELECT"), (Own, "migration_run", "completed_at", "UPDATE"),
        (Own, "worker", "", "SELECT"), (Own, "worker", "", "INSERT"), (Own, "worker", "", "UPDATE"),
        (Own, "worker", "", "DELETE"), (Own, "removed_head", "", "SELECT"),
        (Own, "queue_pause", "", "SELECT"), (Own, "queue_pause", "", "INSERT"), (Own, "queue_pause", "", "DELETE"),
        (Own, "operator_action", "", "SELECT"), (Own, "operator_action", "", "INSERT"),
        (Own, "next_hash", "", "EXECUTE"), (Own, "chain", "", "EXECUTE"), (Own, "record_act", "", "EXECUTE"),
        (Audit, "mt_events", "", "SELECT"), (Audit, "mt_events", "", "INSERT"),
        (Audit, "mt_streams", "", "SELECT"), (Audit, "mt_streams", "", "INSERT"),
        (Audit, "mt_streams", "version", "UPDATE"), (Audit, "mt_streams", "timestamp", "UPDATE"),
        (Audit, "mt_events_sequence", "", "USAGE"),
    ];
}

/// <summary>A right that the role lacks.</summary>
/// <param name="Name">Such as <c>INSERT on voice.outbox</c>.</param>
/// <param name="Grant">The statement that gives it to the role.</param>
public sealed record MissingRight(string Name, string Grant);
