using Npgsql;

namespace VoiceWorker.Persistence.Schema;

/// <summary>Looks into the rows for what the catalog cannot exclude: beside readers and writers, a whole scan at
/// worst.</summary>
internal static class RowInspection
{
    private const int NamedRows = 20;

    public static async Task<VoiceIdState> AddAsync(
        NpgsqlConnection connection, VoiceIdState state, CancellationToken cancellationToken)
    {
        var looksForNulls = state.Type is not null && !state.IsNotNull && state.Check is not CheckState.Valid;
        // A proven shadow is equal, and has no room for a long value.
        var looksForLong = ColumnType.IsWider(state.Type) && state.Shadow is not ShadowState.Proven;
        var looksForUncopied = looksForLong && state.Shadow is ShadowState.Filling or ShadowState.Checked;
        if (state.TableKind != 'r' || !(looksForNulls || looksForLong))
            return state;
        // A role that may change nothing may lack the right to read: the script for another role must be complete.
        if (!state.IsOwner)
            return state with { HasNulls = looksForNulls, HasUncopied = looksForUncopied };
        return state with
        {
            HasNulls = looksForNulls && (bool)(
                await AskAsync(connection, Exists(state, "voice_id IS NULL"), cancellationToken))!,
            TooLong = looksForLong ? await AskAsync(connection, TooLong(state), cancellationToken) as string : null,
            HasUncopied = looksForUncopied
                && (bool)(await AskAsync(connection, Exists(state, ShadowColumn.Differs), cancellationToken))!,
        };
    }

    private static string Exists(VoiceIdState state, string condition) =>
        $"SELECT EXISTS (SELECT FROM {state.Table} WHERE {condition})";

    private static string TooLong(VoiceIdState state)
    {
        var rows = $"FROM {state.Table} WHERE length(voice_id) > {ColumnType.TargetLength}";
        var ids = state.KeyColumn is { } key
            ? $" || ' (' || (SELECT '{key} ' || string_agg({key}::text, ', ')"
              + $" FROM (SELECT {key} {rows} ORDER BY {key} LIMIT {NamedRows}) AS row)"
              + $" || CASE WHEN count(*) > {NamedRows} THEN ', …)' ELSE ')' END"
            : "";
        return $"SELECT count(*) || ' of its values are longer than {ColumnType.TargetLength} characters'{ids} {rows} "
            + "HAVING count(*) > 0";
    }

    private static async Task<object?> AskAsync(
        NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection, transaction) { Timeout = 0 };
        batch.BatchCommands.Add(new NpgsqlBatchCommand("SET LOCAL statement_timeout = 0"));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(sql));
        var answer = await batch.ExecuteScalarAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return answer;
    }
}
