using System.Text;

namespace VoiceWorker.Persistence.Schema;

/// <summary>What is left to do as a script for psql, as careful with the application as the worker is.</summary>
internal static class MigrationScript
{
    private const string OpenRun = $"""
        SELECT pg_advisory_lock({MigrationLock.Key});
        -- The worker's next start writes the audit event of what is recorded here.
        INSERT INTO voice.migration_run (run_id, migration, started_at)
            VALUES (gen_random_uuid(), '{MigrationPlan.Name}', now())
            ON CONFLICT (migration) WHERE completed_at IS NULL DO NOTHING;
        """;

    private const string CloseRun = $"SELECT pg_advisory_unlock({MigrationLock.Key});\nRESET lock_timeout;\n";

    private const string OpenRunOnly = $"WHERE migration = '{MigrationPlan.Name}' AND completed_at IS NULL;";

    private const string CountRows =
        $"UPDATE voice.migration_run SET rows_backfilled = rows_backfilled + filled {OpenRunOnly}";

    /// <param name="pending">As inspected.</param>
    /// <param name="eventStore">SQL of the event store's schema.</param>
    public static string Of(PendingWork pending, string eventStore)
    {
        var script = new StringBuilder("-- Run with psql in autocommit mode (no --single-transaction).\n")
            .Append("\\set ON_ERROR_STOP on\n");
        foreach (var file in pending.Files)
            script.AppendLine(OwnSchema.ReadFile(file)).AppendLine(Record(file));
        script.Append(OfVoiceId(pending.VoiceId));
        if (pending.NeedsEventStore)
            script.AppendLine(eventStore).AppendLine(Record(Audit.EventStore.SchemaVersion));
        return script.ToString();
    }

    /// <summary>Migration 58 alone; nothing at the target.</summary>
    /// <param name="state">As inspected.</param>
    public static string OfVoiceId(VoiceIdState state)
    {
        var steps = MigrationPlan.Remaining(state);
        if (steps.Count == 0)
            return "";
        if (steps.Contains(MigrationStep.Unsupported))
            return $"-- {MigrationPlan.Explain(state)}\n";
        var script = new StringBuilder("SET lock_timeout = '3s';\n").AppendLine(OpenRun);
        foreach (var step in steps)
        {
            script.AppendLine(RecordStep(step)).AppendLine(Step(step, state));
            state = MigrationPlan.After(state, step);
        }

        return script.Append(CloseRun).ToString();
    }

    private static string Step(MigrationStep step, VoiceIdState state)
    {
        if (Fill.Of(step) is { } fill)
            return fill.Loop(state, step is MigrationStep.Backfill ? CountRows : "") + ";";
        var isValidation = step is MigrationStep.ValidateCheck or MigrationStep.ValidateShadow;
        return $"""
            BEGIN;
            LOCK TABLE {state.Table} IN SHARE UPDATE EXCLUSIVE MODE;
            {(isValidation ? "" : LockWithoutWaiting(state.Table!))}
            {MigrationSql.Of(step, state)};
            COMMIT;
            """;
    }

    // A LOCK that waits would make everybody queue behind it.
    private static string LockWithoutWaiting(string table) => $"""
        DO $lock$ BEGIN
            FOR attempt IN 1..1000 LOOP
                BEGIN
                    LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE NOWAIT;
                    RETURN;
                EXCEPTION WHEN lock_not_available THEN
                    PERFORM pg_sleep(0.03);
                END;
            END LOOP;
            RAISE lock_not_available
                USING MESSAGE = 'somebody holds the table (see pg_locks); this step is not done: make the script anew';
        END $lock$;
        """;

    private static string RecordStep(MigrationStep step) =>
        $"UPDATE voice.migration_run SET steps = steps || '{step}'::text {OpenRunOnly}";

    private static string Record(string name) =>
        $"INSERT INTO voice.schema_history (name) VALUES ('{name}') ON CONFLICT DO NOTHING;";
}
