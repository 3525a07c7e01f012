namespace VoiceWorker.Persistence.Schema;

/// <summary>What a step does to rows, in batches.</summary>
/// <param name="Assignment">Of SET.</param>
/// <param name="Where">The rows that it is due for; none of them once it is done.</param>
internal sealed record Fill(string Assignment, string Where)
{
    private const string KeepComing =
        "rows keep coming back: stop the writer or the trigger that undoes it, then make the script anew";

    /// <summary>The fill of a step; null when the step is not one of rows.</summary>
    public static Fill? Of(MigrationStep step) => step switch
    {
        MigrationStep.Backfill => new($"voice_id = '{MigrationPlan.DefaultVoice}'", "voice_id IS NULL"),
        MigrationStep.CopyToShadow => new($"{ShadowColumn.Name} = voice_id", ShadowColumn.Differs),
        _ => null,
    };

    /// <summary>How many rows there are, and between which keys: the lower bound is exclusive.</summary>
    /// <param name="state">As inspected before.</param>
    public string Extent(VoiceIdState state) => $"""
        SELECT count(*), COALESCE(min({state.KeyColumn}), 1)::bigint - 1, COALESCE(max({state.KeyColumn}), 0)::bigint
        FROM {state.Table} WHERE {Where}
        """;

    /// <summary>One batch: $1 exclusive and $2 inclusive bound of the key. Rows that the application holds at the
    /// moment are left for the next pass.</summary>
    /// <param name="state">As inspected before.</param>
    public string Batch(VoiceIdState state) => $"""
        UPDATE {state.Table} SET {Assignment} WHERE {state.KeyColumn} IN (
            SELECT {state.KeyColumn} FROM {state.Table}
            WHERE {state.KeyColumn} > $1 AND {state.KeyColumn} <= $2 AND {Where}
            FOR NO KEY UPDATE SKIP LOCKED)
        """;

    /// <summary>Keys of some rows that are due and not locked.</summary>
    /// <param name="state">As inspected before.</param>
    public string Free(VoiceIdState state) => $"""
        SELECT {state.KeyColumn}::bigint FROM {state.Table} WHERE {Where} LIMIT 100 FOR NO KEY UPDATE SKIP LOCKED
        """;

    /// <summary>Changes the rows of the keys $1.</summary>
    /// <param name="state">As inspected before.</param>
    public string Change(VoiceIdState state) =>
        $"UPDATE {state.Table} SET {Assignment} WHERE {state.KeyColumn} = ANY($1)";

    /// <summary>Those of the keys $1 whose rows are due nevertheless.</summary>
    /// <param name="state">As inspected before.</param>
    public string Unchanged(VoiceIdState state) => $"""
        SELECT {state.KeyColumn}::bigint FROM {state.Table} WHERE {state.KeyColumn} = ANY($1) AND {Where}
        ORDER BY {state.KeyColumn} LIMIT 20
        """;

    /// <summary>All of it as a statement of psql in autocommit mode, a transaction for each batch.</summary>
    /// <param name="state">As inspected before.</param>
    /// <param name="counted">A statement for each batch, which finds the number of its rows in <c>filled</c>.</param>
    public string Loop(VoiceIdState state, string counted) => $"""
        DO $$ DECLARE key bigint; last bigint; filled bigint; BEGIN FOR pass IN 1..1000 LOOP
            SELECT COALESCE(min({state.KeyColumn}), 1)::bigint - 1, COALESCE(max({state.KeyColumn}), 0)::bigint
                INTO key, last FROM {state.Table} WHERE {Where};
            IF key >= last THEN RETURN; END IF;
            WHILE key < last LOOP
                UPDATE {state.Table} SET {Assignment} WHERE {state.KeyColumn} IN (
                    SELECT {state.KeyColumn} FROM {state.Table}
                    WHERE {state.KeyColumn} > key AND {state.KeyColumn} <= key + 5000 AND {Where}
                    FOR NO KEY UPDATE SKIP LOCKED);
                GET DIAGNOSTICS filled = ROW_COUNT;
                {counted}
                COMMIT;
                PERFORM pg_sleep(0.02);
                key := key + 5000;
            END LOOP;
            PERFORM pg_sleep(0.1);
        END LOOP; RAISE EXCEPTION '{KeepComing}'; END $$
        """;
}
