namespace VoiceWorker.Persistence.Schema;

/// <summary>The SQL of each step. Names come quoted from the catalog.</summary>
public static class MigrationSql
{
    private const string HelperCheck = "business_voice_id_not_null";

    /// <summary>The statement of a DDL step.</summary>
    /// <param name="step">A step other than the backfill.</param>
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
        _ => throw new ArgumentOutOfRangeException(nameof(step), step, "is not a DDL step"),
    };

    /// <summary>One batch of the backfill: $1 exclusive and $2 inclusive bound of the key. Rows that the application
    /// holds at the moment are left for the next pass.</summary>
    /// <param name="state">As inspected before.</param>
    public static string BackfillBatch(VoiceIdState state) => $"""
        UPDATE {state.Table} SET voice_id = 'ash' WHERE {state.KeyColumn} IN (
            SELECT {state.KeyColumn} FROM {state.Table}
            WHERE {state.KeyColumn} > $1 AND {state.KeyColumn} <= $2 AND voice_id IS NULL
            FOR NO KEY UPDATE SKIP LOCKED)
        """;

    /// <summary>A script for psql with the remaining steps, each in a transaction of its own.</summary>
    /// <param name="state">As inspected.</param>
    public static string Script(VoiceIdState state)
    {
        var script = new System.Text.StringBuilder();
        script.AppendLine("-- Migration 58: run with psql in autocommit mode (no --single-transaction).");
        script.AppendLine("\\set ON_ERROR_STOP on").AppendLine("SET lock_timeout = '3s';");
        foreach (var step in MigrationPlan.Remaining(state))
        {
            if (step is MigrationStep.Unsupported)
                return script.Append("-- ").AppendLine(MigrationPlan.Explain(state)).ToString();
            script.AppendLine(step is MigrationStep.Backfill ? BackfillLoop(state) : Of(step, state) + ";");
            state = MigrationPlan.After(state, step);
        }

        return script.AppendLine("RESET lock_timeout;").ToString();
    }

    private static string BackfillLoop(VoiceIdState state) => $"""
        DO $$ BEGIN LOOP
            UPDATE {state.Table} SET voice_id = 'ash' WHERE {state.KeyColumn} IN (
                SELECT {state.KeyColumn} FROM {state.Table} WHERE voice_id IS NULL LIMIT 5000 FOR NO KEY UPDATE);
            EXIT WHEN NOT FOUND;
            COMMIT;
        END LOOP; END $$;
        """;
}
