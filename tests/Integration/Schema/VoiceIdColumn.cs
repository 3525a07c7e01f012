using VoiceWorker.Persistence.Audit;

namespace VoiceWorker.Tests.Integration.Schema;

/// <summary>What the catalog has to say of the column, and of what a migration may leave behind.</summary>
internal static class VoiceIdColumn
{
    /// <summary>Type, NOT NULL, default; then counts: constraints and triggers of business, columns of it beside the
    /// application's, trigger functions of the worker's, NULLs.</summary>
    public const string Target = "character varying(32) true 'ash'::character varying; 0 constraints, 0 triggers, 0 columns, 0 functions, 0 NULLs";

    private const string EndStateSql = """
        SELECT concat_ws(' ', format_type(atttypid, atttypmod), attnotnull::text, pg_get_expr(adbin, adrelid))
            || format('; %s constraints, %s triggers, %s columns, %s functions, %s NULLs',
                 (SELECT count(*) FROM pg_constraint WHERE conrelid = 'business'::regclass AND contype = 'c'),
                 (SELECT count(*) FROM pg_trigger WHERE tgrelid = 'business'::regclass),
                 (SELECT count(*) FROM pg_attribute WHERE attrelid = 'business'::regclass AND attnum > 0 AND NOT attisdropped
                     AND attname NOT IN ('id', 'name', 'voice_id')),
                 (SELECT count(*) FROM pg_proc WHERE pronamespace = to_regnamespace('voice') AND prorettype = 'trigger'::regtype),
                 (SELECT count(*) FROM business WHERE voice_id IS NULL))
        FROM pg_attribute JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE attrelid = 'business'::regclass AND attname = 'voice_id'
        """;

    /// <summary>Many small transactions are tested here, none of which has to survive the server.</summary>
    public const string WithoutWaitingForDisk =
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END $$";

    /// <summary>Making the event store takes longer than most migrations, and is none of what is tested here.</summary>
    public static string WithoutEventStore { get; } =
        $"INSERT INTO voice.schema_history (name) VALUES ('{EventStore.SchemaVersion}') ON CONFLICT DO NOTHING";

    /// <summary>As <see cref="Target"/> has it.</summary>
    public static Task<string> EndStateAsync(LegacyDatabase database) => database.ScalarAsync<string>(EndStateSql);

    /// <summary>The statements that leave the column of an existing table in a state.</summary>
    public static string Make(string type, bool isNotNull, string? defaultVoice, bool hasNulls, string check) => $"""
        ALTER TABLE business DROP COLUMN IF EXISTS voice_id;
        ALTER TABLE business ADD voice_id {type};
        UPDATE business SET voice_id = CASE WHEN {hasNulls} AND id % 2 = 1 THEN NULL ELSE 'echo' END;
        {(defaultVoice is null ? "" : $"ALTER TABLE business ALTER voice_id SET DEFAULT '{defaultVoice}';")}
        {(isNotNull ? "ALTER TABLE business ALTER voice_id SET NOT NULL;" : "")}
        {(check == "" ? "" : $"ALTER TABLE business ADD CONSTRAINT leftover CHECK (voice_id IS NOT NULL) {check};")}
        """;
}
