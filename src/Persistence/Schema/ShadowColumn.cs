namespace VoiceWorker.Persistence.Schema;

/// <summary>
/// The column that takes the place of a wider <c>voice_id</c> in a large table, where changing the type would rewrite
/// everything under a lock that stops readers.
/// </summary>
internal static class ShadowColumn
{
    public const string Name = "voice_id_58";

    /// <summary>Triggers fire in the order of their names: after those of the application.</summary>
    public const string Trigger = "zzz_voice_id_58";

    public const string Check = "business_voice_id_58_is_copy";

    /// <summary>Bytes of the table with its indexes up to which the type is changed in place.</summary>
    public const int SmallTable = 1 << 20;

    private const string Function = "voice.copy_business_voice_id";

    // Bytewise, whatever the collations of the two columns are.
    public const string Differs = $"{Name} IS DISTINCT FROM voice_id COLLATE \"C\"";

    /// <summary>The column and its trigger in one transaction: there is never one without the other.</summary>
    public static string Add(string table) => $"""
        CREATE OR REPLACE FUNCTION {Function}() RETURNS trigger LANGUAGE plpgsql AS $copy$
        BEGIN
            -- What the target cannot hold is not copied and fails nobody's write: the migration finds it and gives way.
            NEW.{Name} := CASE WHEN pg_catalog.length(NEW.voice_id) OPERATOR(pg_catalog.<=) {ColumnType.TargetLength}
                               THEN NEW.voice_id END;
            RETURN NEW;
        END $copy$;
        ALTER TABLE {table} ADD COLUMN {Name} varchar({ColumnType.TargetLength});
        ALTER TABLE {table} ALTER COLUMN {Name} SET DEFAULT '{MigrationPlan.DefaultVoice}';
        CREATE TRIGGER {Trigger} BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {Function}();
        -- Also for what logical replication writes.
        ALTER TABLE {table} ENABLE ALWAYS TRIGGER {Trigger}
        """;

    public static string AddCheck(string table) =>
        $"ALTER TABLE {table} ADD CONSTRAINT {Check} CHECK ("
        + $"{Name} IS NOT NULL AND {Name} = voice_id COLLATE \"C\") NOT VALID";

    public static string Validate(string table) => $"ALTER TABLE {table} VALIDATE CONSTRAINT {Check}";

    /// <summary>Rights on the column and its comment go over; the proven CHECK spares SET NOT NULL its scan.</summary>
    public static string Swap(string table) => $"""
        DO $swap$
        DECLARE held record;
        BEGIN
            FOR held IN SELECT acl.* FROM pg_attribute, aclexplode(attacl) AS acl
                        WHERE attrelid = $t${table}$t$::regclass AND attname = 'voice_id' LOOP
                EXECUTE format('GRANT %s ({Name}) ON %s TO %s%s', held.privilege_type, $t${table}$t$,
                    CASE held.grantee WHEN 0 THEN 'PUBLIC' ELSE held.grantee::regrole::text END,
                    CASE WHEN held.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END);
            END LOOP;
            EXECUTE format('COMMENT ON COLUMN %s.{Name} IS %L', $t${table}$t$, (
                SELECT col_description(attrelid, attnum) FROM pg_attribute
                WHERE attrelid = $t${table}$t$::regclass AND attname = 'voice_id'));
        END $swap$;
        ALTER TABLE {table} ALTER COLUMN {Name} SET NOT NULL;
        DROP TRIGGER {Trigger} ON {table};
        DROP FUNCTION {Function}();
        ALTER TABLE {table} DROP CONSTRAINT {Check}, DROP COLUMN voice_id;
        ALTER TABLE {table} RENAME COLUMN {Name} TO voice_id;
        -- From PostgreSQL 18 on NOT NULL has a name: the one that it has on every other way.
        DO $name$ BEGIN
            IF EXISTS (SELECT FROM pg_constraint
                       WHERE conrelid = $t${table}$t$::regclass AND conname = 'business_{Name}_not_null') THEN
                ALTER TABLE {table} RENAME CONSTRAINT business_{Name}_not_null TO business_voice_id_not_null;
            END IF;
        END $name$
        """;

    /// <summary>Whatever there is of it.</summary>
    public static string Drop(string table) => $"""
        DROP TRIGGER IF EXISTS {Trigger} ON {table};
        DROP FUNCTION IF EXISTS {Function}();
        ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {Check}, DROP COLUMN IF EXISTS {Name}
        """;
}
