using VoiceWorker.Persistence.Audit;

namespace VoiceWorker.Tests.Integration.Schema;

/// <summary>What the catalog has to say of the column, and of what a migration may leave behind.</summary>
internal static class VoiceIdColumn
{
    /// <summary>Type, NOT NULL, default; then counts: constraints and triggers of business, columns of it beside the
    /// application's, trigger functions of the worker's, NULLs.</summary>
    public const string Target = "character varying(32) true 'ash'::character varying; 0 constraints, 0 triggers, 0 columns, 0 functions, 0 NULLs";

    private static readonly bool[] NoAndYes = [false, true];
    private static readonly string?[] Defaults = [null, "ash", "alloy"];
    private static readonly string[] Checks = ["", "NOT VALID", " "];

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

    /// <summary>States that a half-applied script can have left a type in: every fifth, and all of them with ./test --long;
    /// the plan is tested with all.</summary>
    /// <param name="from">0 to 4: which of each five.</param>
    public static IEnumerable<(bool IsNotNull, string? Default, bool HasNulls, string Check)> States(int from) =>
        AllStates().Where((_, n) => LongRun.IsOn || n % 5 == from);

    // NOT NULL and a valid CHECK exclude NULLs.
    private static IEnumerable<(bool IsNotNull, string? Default, bool HasNulls, string Check)> AllStates() =>
        from isNotNull in NoAndYes
        from defaultVoice in Defaults
        from hasNulls in NoAndYes
        from check in Checks
        where !(hasNulls && (isNotNull || check == " "))
        select (isNotNull, defaultVoice, hasNulls, check);
}
