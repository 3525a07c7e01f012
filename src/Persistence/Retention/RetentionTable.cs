using Npgsql;

namespace VoiceWorker.Persistence.Retention;

/// <summary>
/// <c>voice.retention</c>: how far what is old has been removed. Removing goes by functions of the database
/// (002_retention.sql) that keep to the rules, so that the worker's role needs no right to delete.
/// </summary>
public static class RetentionTable
{
    // A batch that is lost with the server's memory is removed again: the commit need not wait for the disk.
    private const string BatchSql =
        "SET LOCAL synchronous_commit = off; SET LOCAL lock_timeout = '1s'; SET LOCAL statement_timeout = '20s'";

    private const string ReadSql =
        "SELECT removed_seq, removed_until, removed_rows FROM voice.retention WHERE store = $1";

    private const string MayRemoveSql = """
        SELECT bool_and(has_function_privilege(name || '(interval, timestamptz, integer)', 'EXECUTE'))
        FROM unnest(ARRAY['voice.remove_decisions', 'voice.remove_events']) AS name
        """;

    /// <summary>Removes the oldest rows beyond the window, in a transaction of its own.</summary>
    /// <param name="connection">Without an open transaction.</param>
    /// <param name="store">From which.</param>
    /// <param name="keep">The window; never less than a day is kept.</param>
    /// <param name="now">Where it ends; the server's clock counts when it is behind.</param>
    /// <param name="events">At most so many events are gone past.</param>
    /// <param name="cancellationToken">Rolls back.</param>
    /// <returns>All zero when nothing is older, or another worker is removing.</returns>
    public static async Task<Removal> RemoveAsync(
        NpgsqlConnection connection, RetentionStore store, TimeSpan keep, DateTimeOffset now, int events,
        CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.ExecuteAsync(BatchSql, cancellationToken);
        var removal = await CallAsync(RemoveSql(store), connection, keep, now, events, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return removal;
    }

    /// <summary>How far a store has been removed.</summary>
    /// <param name="connection">Any.</param>
    /// <param name="store">Which.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public static async Task<RetentionHorizon> ReadAsync(
        NpgsqlConnection connection, RetentionStore store, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(ReadSql, connection)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = NameOf(store) } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        // Without its row nothing says that anything was removed, and nothing will be.
        return await reader.ReadAsync(cancellationToken)
            ? new RetentionHorizon(reader.GetInt64(0), InstantAt(reader, 1), reader.GetInt64(2))
            : new RetentionHorizon(0, null, 0);
    }

    /// <summary>Whether this role may remove.</summary>
    /// <param name="connection">Any, on a migrated database.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public static async Task<bool> MayRemoveAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(MayRemoveSql, connection);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task<Removal> CallAsync(
        string sql, NpgsqlConnection connection, TimeSpan keep, DateTimeOffset now, int events,
        CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<TimeSpan> { TypedValue = keep },
                new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime },
                new NpgsqlParameter<int> { TypedValue = events },
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new Removal(reader.GetInt64(0), reader.GetInt64(1), InstantAt(reader, 2));
    }

    private static string RemoveSql(RetentionStore store) => store is RetentionStore.Decisions
        ? "SELECT passed, removed, until FROM voice.remove_decisions($1, $2, $3)"
        : "SELECT passed, removed, until FROM voice.remove_events($1, $2, $3)";

    private static string NameOf(RetentionStore store) => store is RetentionStore.Decisions ? "decisions" : "audit";

    private static DateTimeOffset? InstantAt(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
}

/// <summary>What is removed by age.</summary>
public enum RetentionStore
{
    /// <summary><c>voice.call_voice</c> and <c>voice.business_voice_change</c>.</summary>
    Decisions,

    /// <summary><c>voice_audit.mt_events</c>.</summary>
    Audit,
}

/// <summary>How far a store has been removed on purpose.</summary>
/// <param name="RemovedSeq">mt_events.seq_id up to which all of it is gone; 0 when nothing was ever removed.</param>
/// <param name="RemovedUntil">When the last of it was recorded; null when nothing was ever removed.</param>
/// <param name="RemovedRows">Rows removed in all.</param>
public sealed record RetentionHorizon(long RemovedSeq, DateTimeOffset? RemovedUntil, long RemovedRows);

/// <summary>What one batch removed.</summary>
/// <param name="Passed">Events that it went past; fewer than asked for means that nothing older is left.</param>
/// <param name="Removed">Rows.</param>
/// <param name="Until">When the last of those events was recorded; null when there was none.</param>
public readonly record struct Removal(long Passed, long Removed, DateTimeOffset? Until);
