namespace VoiceWorker.Persistence.Schema;

/// <summary>The SQL of each step that changes the catalog. Names come quoted from the catalog.</summary>
internal static class MigrationSql
{
    // Not the name that SET NOT NULL gives its constraint from PostgreSQL 18 on.
    private const string HelperCheck = "business_voice_id_is_not_null";

    /// <summary>The statements of a step, for one transaction; no semicolon after the last.</summary>
    /// <param name="step">One that does not fill rows.</param>
    /// <param name="state">As inspected before it.</param>
    public static string Of(MigrationStep step, VoiceIdState state) => step switch
    {
        // Without IF NOT EXISTS: that locks the table even when there is nothing to do.
        MigrationStep.AddColumn => $"ALTER TABLE {state.Table} ADD COLUMN voice_id varchar(32) NOT NULL DEFAULT 'ash'",
        MigrationStep.WidenColumn => $"ALTER TABLE {state.Table} ALTER COLUMN voice_id TYPE varchar(32)",
        MigrationStep.SetDefault => $"ALTER TABLE {state.Table} ALTER COLUMN voice_id SET DEFAULT 'ash'",
        MigrationStep.AddCheck =>
            $"ALTER TABLE {state.Table} ADD CONSTRAINT {HelperCheck} CHECK (voice_id IS NOT NULL) NOT VALID",
        MigrationStep.ValidateCheck =>
            $"ALTER TABLE {state.Table} VALIDATE CONSTRAINT {state.CheckName ?? HelperCheck}",
        MigrationStep.SetNotNull => $"ALTER TABLE {state.Table} ALTER COLUMN voice_id SET NOT NULL",
        MigrationStep.DropCheck or MigrationStep.DropCheckOverNulls =>
            $"ALTER TABLE {state.Table} DROP CONSTRAINT {state.CheckName ?? HelperCheck}",
        MigrationStep.NarrowColumn => Narrow(state.Table!),
        MigrationStep.AddShadow => ShadowColumn.Add(state.Table!),
        MigrationStep.AddShadowCheck => ShadowColumn.AddCheck(state.Table!),
        MigrationStep.ValidateShadow => ShadowColumn.Validate(state.Table!),
        MigrationStep.SwapShadow => ShadowColumn.Swap(state.Table!),
        MigrationStep.DropShadow => ShadowColumn.Drop(state.Table!),
        MigrationStep.AddCapture => DirectCapture.Add(state.Table!),
        MigrationStep.RemoveCapture => DirectCapture.Remove(state.Table!),
        _ => throw new ArgumentOutOfRangeException(nameof(step), step, "does not change the catalog"),
    };

    // The change of type itself would cut trailing blanks off instead of refusing them.
    private static string Narrow(string table) => $"""
        DO $$ BEGIN
            IF EXISTS (SELECT FROM {table} WHERE length(voice_id) > {ColumnType.TargetLength}) THEN
                RAISE string_data_right_truncation USING MESSAGE = 'a voice_id does not fit';
            END IF;
        END $$;
        ALTER TABLE {table} ALTER COLUMN voice_id DROP DEFAULT,
            ALTER COLUMN voice_id TYPE varchar(32), ALTER COLUMN voice_id SET DEFAULT 'ash'
        """;
}
