using Npgsql;

namespace VoiceWorker.Persistence.Schema;

/// <summary>
/// Reads the state of <c>business.voice_id</c> from pg_catalog. Not from information_schema, which hides columns from
/// roles without rights on them.
/// </summary>
public static class Catalog
{
    // to_regclass takes the search path into account and gives NULL instead of an error. pg_get_expr with the oid of a
    // table locks that table; a default has no columns in it and needs none, and the helper constraint, which does, is
    // not there at the target: so at the target nothing is locked.
    private const string StateSql = """
        SELECT format('%I.%I', n.nspname, c.relname), c.relkind, pg_has_role(c.relowner, 'USAGE'),
               (SELECT quote_ident(k.attname) FROM pg_index AS i
                JOIN pg_attribute AS k ON k.attrelid = i.indrelid AND k.attnum = i.indkey[0]
                WHERE i.indrelid = c.oid AND i.indisprimary AND i.indnkeyatts = 1
                  AND k.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)),
               format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, 0),
               quote_ident(check_.conname), check_.convalidated
        FROM pg_class AS c
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'voice_id' AND NOT a.attisdropped
        LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        LEFT JOIN LATERAL (
            SELECT conname, convalidated FROM pg_constraint
            WHERE conrelid = c.oid AND contype = 'c' AND conkey = ARRAY[a.attnum]
              AND pg_get_expr(conbin, conrelid) = '(voice_id IS NOT NULL)'
            ORDER BY convalidated, conname LIMIT 1) AS check_ ON true
        WHERE c.oid = to_regclass('business')
        """;

    /// <summary>The state, with a look for NULLs where the catalog cannot exclude them.</summary>
    /// <param name="connection">Any; takes no lock on the table but that of a SELECT, and only to look for NULLs.</param>
    /// <param name="cancellationToken">Cancels the queries.</param>
    public static async Task<VoiceIdState> InspectAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var state = await ReadStateAsync(connection, cancellationToken);
        return state.Type is not null && !state.IsNotNull && state.Check is not CheckState.Valid
            ? state with { HasNulls = await HasNullsAsync(connection, state.Table!, cancellationToken) }
            : state;
    }

    /// <summary>The state without the look for NULLs.</summary>
    /// <param name="connection">Any.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public static async Task<VoiceIdState> ReadStateAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(StateSql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            return new VoiceIdState();
        var validated = ValueOrNull<bool>(reader, 8);
        return new VoiceIdState
        {
            Table = reader.GetString(0),
            TableKind = reader.GetFieldValue<char>(1),
            IsOwner = reader.GetBoolean(2),
            KeyColumn = TextOrNull(reader, 3),
            Type = TextOrNull(reader, 4),
            IsNotNull = ValueOrNull<bool>(reader, 5) ?? false,
            Default = TextOrNull(reader, 6),
            CheckName = TextOrNull(reader, 7),
            Check = validated is null ? CheckState.None : validated.Value ? CheckState.Valid : CheckState.NotValidated,
        };
    }

    private static async Task<bool> HasNullsAsync(
        NpgsqlConnection connection, string table, CancellationToken cancellationToken)
    {
        // No time limit: on a large table without NULLs this is a whole scan, beside readers and writers.
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection, transaction) { Timeout = 0 };
        batch.BatchCommands.Add(new NpgsqlBatchCommand("SET LOCAL statement_timeout = 0"));
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"SELECT EXISTS (SELECT FROM {table} WHERE voice_id IS NULL)"));
        var hasNulls = (bool)(await batch.ExecuteScalarAsync(cancellationToken))!;
        await transaction.CommitAsync(cancellationToken);
        return hasNulls;
    }

    private static string? TextOrNull(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetString(column);

    private static T? ValueOrNull<T>(NpgsqlDataReader reader, int column) where T : struct =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<T>(column);
}
