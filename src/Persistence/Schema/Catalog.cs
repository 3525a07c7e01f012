using Npgsql;

namespace VoiceWorker.Persistence.Schema;

/// <summary>
/// Reads the state of <c>business.voice_id</c> from pg_catalog. Not from information_schema, which hides columns from
/// roles without rights on them.
/// </summary>
internal static class Catalog
{
    // to_regclass takes the search path into account and gives NULL instead of an error. pg_get_expr with the oid of a
    // table locks that table, and so does asking for its size: a default has no columns in it and needs no oid, the
    // helper constraint is recognised as it is stored, and the size is asked for at a wider type only. So at the target
    // nothing is locked. A generated column's expression is in pg_attrdef too. From PostgreSQL 18 on attnotnull is true
    // also where NOT NULL is not valid for old rows, and a CHECK can be one that is not enforced.
    private const string StateSql = $"""
        SELECT format('%I.%I', n.nspname, c.relname), c.relkind, pg_has_role(c.relowner, 'USAGE'),
               (SELECT quote_ident(k.attname) FROM pg_index AS i
                JOIN pg_attribute AS k ON k.attrelid = i.indrelid AND k.attnum = i.indkey[0]
                WHERE i.indrelid = c.oid AND i.indisprimary AND i.indnkeyatts = 1
                  AND k.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)),
               format_type(a.atttypid, a.atttypmod),
               a.attnotnull AND NOT EXISTS (
                   SELECT FROM pg_constraint AS invalid WHERE invalid.conrelid = c.oid AND invalid.contype = 'n'
                     AND NOT invalid.convalidated AND invalid.conkey = ARRAY[a.attnum]),
               CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, 0) END,
               quote_ident(check_.conname), check_.convalidated,
               s.attname IS NOT NULL, trigger_.tgenabled = 'A', copy.convalidated,
               CASE WHEN a.atttypid = 'text'::regtype
                      OR (a.atttypid = 'varchar'::regtype AND a.atttypmod NOT BETWEEN 0 AND 36)
                    THEN pg_total_relation_size(c.oid) <= $1 END,
               dependent.pins, dependent.all_,
               CASE WHEN c.relispartition THEN 'the table is a partition'
                    WHEN c.reloftype <> 0 THEN 'the table is made of a type'
                    WHEN a.attgenerated <> '' THEN 'the column is generated'
                    WHEN a.attidentity <> '' THEN 'the column is an identity'
                    WHEN a.attinhcount > 0 THEN 'the column is inherited' END,
               CASE WHEN id.type_ IS NULL THEN 'has no column id'
                    WHEN id.base NOT IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'numeric'::regtype)
                    THEN format('has an id of the type %s', id.type_) END,
               capture.found, capture.intact, capture.always
        FROM pg_class AS c
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'voice_id' AND NOT a.attisdropped
        LEFT JOIN LATERAL (
            SELECT format_type(k.atttypid, k.atttypmod) AS type_, COALESCE(NULLIF(t.typbasetype, 0), t.oid) AS base
            FROM pg_attribute AS k JOIN pg_type AS t ON t.oid = k.atttypid
            WHERE k.attrelid = c.oid AND k.attname = 'id' AND NOT k.attisdropped) AS id ON true
        LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        LEFT JOIN LATERAL (
            SELECT conname, convalidated FROM pg_constraint AS con
            WHERE conrelid = c.oid AND conkey = ARRAY[a.attnum] AND {IsNotNullCheck}
              AND to_jsonb(con) ->> 'conenforced' IS DISTINCT FROM 'false'
            ORDER BY convalidated, conname LIMIT 1) AS check_ ON true
        LEFT JOIN pg_attribute AS s ON s.attrelid = c.oid AND s.attname = '{ShadowColumn.Name}' AND NOT s.attisdropped
        LEFT JOIN pg_trigger AS trigger_ ON trigger_.tgrelid = c.oid AND trigger_.tgname = '{ShadowColumn.Trigger}'
        LEFT JOIN pg_constraint AS copy ON copy.conrelid = c.oid AND copy.conname = '{ShadowColumn.Check}'
        CROSS JOIN LATERAL ({CaptureSql}) AS capture
        LEFT JOIN LATERAL ({DependentsSql}) AS dependent
            ON format_type(a.atttypid, a.atttypmod) <> '{ColumnType.Target}'
        WHERE c.oid = to_regclass('business')
        """;

    // CHECK (column IS NOT NULL) and nothing else.
    private const string IsNotNullCheck =
        @"contype = 'c' AND conbin::text ~ '^\{NULLTEST :arg \{VAR [^{}]*\} :nulltesttype 1 [^{}]*\}$'";

    // Indexes, constraints and statistics are made anew by a change of type; everything else refuses it. NOT NULL is a
    // constraint from PostgreSQL 18 on.
    private const string DependentsSql = $"""
        SELECT string_agg(DISTINCT pg_describe_object(classid, objid, objsubid), ', ') AS all_,
               string_agg(DISTINCT pg_describe_object(classid, objid, objsubid), ', ') FILTER (WHERE classid NOT IN
                   ('pg_class'::regclass, 'pg_constraint'::regclass, 'pg_statistic_ext'::regclass)) AS pins
        FROM pg_depend
        WHERE refclassid = 'pg_class'::regclass AND refobjid = c.oid AND refobjsubid = a.attnum
          AND (classid, objid) IS DISTINCT FROM ('pg_attrdef'::regclass, d.oid)
          AND NOT (classid = 'pg_trigger'::regclass AND EXISTS (
              SELECT FROM pg_trigger AS own WHERE own.oid = objid AND own.tgname IN ({CaptureTriggers})))
          AND NOT (classid = 'pg_constraint'::regclass AND EXISTS (
              SELECT FROM pg_constraint AS own WHERE own.oid = objid AND own.conrelid = c.oid
                AND (own.contype = 'n' OR own.conname = '{ShadowColumn.Check}'
                  OR (own.conkey = ARRAY[a.attnum] AND {IsNotNullCheck}))))
        """;

    private const string CaptureTriggers = $"'{DirectCapture.UpdateTrigger}', '{DirectCapture.InsertTrigger}'";

    // 1 row, 16 update, 4 insert; the rest is in the version. A later one is not ours to judge: this worker may be an
    // old one that starts once more while the others are replaced.
    private const string CaptureSql = $"""
        SELECT count(*) AS found, count(*) FILTER (WHERE t.tgenabled = 'A') AS always, count(*) FILTER (
                   WHERE t.tgenabled IN ('A', 'O')
                     AND t.tgtype = CASE t.tgname WHEN '{DirectCapture.UpdateTrigger}' THEN 17 ELSE 5 END
                     AND p.prosecdef
                     AND (substring(encode(t.tgargs, 'escape') FROM '^([0-9]+)-')::numeric > $4
                          OR (encode(t.tgargs, 'escape') = $3 || '\000' AND p.prosrc = $2
                              AND p.proconfig = ARRAY['search_path=pg_catalog, pg_temp', 'lock_timeout=200ms'])))
                   AS intact
        FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid
        WHERE t.tgrelid = c.oid AND t.tgname IN ({CaptureTriggers})
        """;

    /// <summary>The state, with a look into the rows where the catalog leaves a question open.</summary>
    /// <param name="connection">Any; takes no lock on the table but that of a SELECT, and only to look into its
    /// rows.</param>
    /// <param name="wanted">Becomes part of the state.</param>
    public static async Task<VoiceIdState> InspectAsync(
        NpgsqlConnection connection, DirectChanges wanted, CancellationToken cancellationToken) =>
        await RowInspection.AddAsync(
            connection, await ReadStateAsync(connection, wanted, cancellationToken), cancellationToken);

    /// <summary>The state without what is in the rows.</summary>
    public static async Task<VoiceIdState> ReadStateAsync(
        NpgsqlConnection connection, DirectChanges wanted, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(StateSql, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<long> { TypedValue = ShadowColumn.SmallTable },
                new NpgsqlParameter<string> { TypedValue = DirectCapture.Body },
                new NpgsqlParameter<string> { TypedValue = DirectCapture.Version },
                new NpgsqlParameter<int> { TypedValue = DirectCapture.Number },
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            return new VoiceIdState();
        var validated = ValueOrNull<bool>(reader, 8);
        return new VoiceIdState
        {
            Table = reader.GetString(0),
            TableKind = reader.GetFieldValue<char>(1),
            IsOwner = reader.GetBoolean(2),
            KeyColumn = reader.TextAt(3),
            Type = reader.TextAt(4),
            IsNotNull = ValueOrNull<bool>(reader, 5) ?? false,
            Default = reader.TextAt(6),
            CheckName = reader.TextAt(7),
            Check = validated is null ? CheckState.None : validated.Value ? CheckState.Valid : CheckState.NotValidated,
            Shadow = ShadowOf(reader.GetBoolean(9), ValueOrNull<bool>(reader, 10), ValueOrNull<bool>(reader, 11)),
            IsSmall = ValueOrNull<bool>(reader, 12) ?? false,
            Pins = reader.TextAt(13),
            Dependents = reader.TextAt(14),
            Unalterable = reader.TextAt(15),
            WrongId = reader.TextAt(16),
            Wanted = wanted,
            Capture = CaptureOf(reader.GetInt64(17), reader.GetInt64(18), reader.GetInt64(19)),
        };
    }

    private static ShadowState ShadowOf(bool hasColumn, bool? triggerFires, bool? checkIsValid) =>
        (hasColumn, triggerFires, checkIsValid) switch
        {
            (false, null, _) => ShadowState.None,
            (true, true, null) => ShadowState.Filling,
            (true, true, false) => ShadowState.Checked,
            (true, true, true) => ShadowState.Proven,
            _ => ShadowState.Broken,
        };

    private static CaptureState CaptureOf(long found, long intact, long always) => (found, intact, always) switch
    {
        (0, _, _) => CaptureState.None,
        (2, 2, 2) => CaptureState.Installed,
        (2, 2, _) => CaptureState.Weakened,
        _ => CaptureState.Outdated,
    };

    private static T? ValueOrNull<T>(NpgsqlDataReader reader, int column) where T : struct =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<T>(column);
}
