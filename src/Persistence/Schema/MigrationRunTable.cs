using Npgsql;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence.Audit;

namespace VoiceWorker.Persistence.Schema;

/// <summary>
/// <c>voice.migration_run</c>: from a migration's first step to its audit event. A run that a crash left open is
/// finished by the next start, so there is exactly one event however many workers and crashes it took.
/// </summary>
public static class MigrationRunTable
{
    private const string OpenSql = """
        INSERT INTO voice.migration_run (run_id, migration, started_at) VALUES ($1, $2, $3)
        ON CONFLICT (migration) WHERE completed_at IS NULL DO NOTHING
        """;

    private const string AddStepSql = """
        UPDATE voice.migration_run SET steps = steps || $2
        WHERE migration = $1 AND completed_at IS NULL AND steps[cardinality(steps)] IS DISTINCT FROM $2
        """;

    private const string AddRowsSql = """
        UPDATE voice.migration_run SET rows_backfilled = rows_backfilled + $2
        WHERE migration = $1 AND completed_at IS NULL
        """;

    private const string LastSql = """
        SELECT run_id, migration, started_at, completed_at, steps, rows_backfilled
        FROM voice.migration_run ORDER BY started_at DESC LIMIT 1
        """;

    private const string CompleteSql = """
        UPDATE voice.migration_run SET completed_at = $1
        WHERE run_id = (SELECT run_id FROM voice.migration_run WHERE completed_at IS NULL ORDER BY started_at LIMIT 1)
        RETURNING run_id, started_at, steps, rows_backfilled, migration
        """;

    /// <summary>The latest; null when there was none.</summary>
    /// <param name="connection">Any.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public static async Task<MigrationRun?> FindLastAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(LastSql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            return null;
        return new MigrationRun(
            reader.GetGuid(0), reader.GetString(1), reader.GetFieldValue<DateTimeOffset>(2),
            await reader.IsDBNullAsync(3, cancellationToken) ? null : reader.GetFieldValue<DateTimeOffset>(3),
            reader.GetFieldValue<string[]>(4), reader.GetInt64(5));
    }

    /// <summary>Whether a run has begun and not ended; false where there is no such table yet.</summary>
    internal static async Task<bool> IsOpenAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "SELECT EXISTS (SELECT FROM voice.migration_run WHERE completed_at IS NULL)", connection);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    internal static Task OpenAsync(
        NpgsqlConnection connection, Guid runId, DateTimeOffset now, CancellationToken cancellationToken) =>
        ExecuteAsync(connection, OpenSql, cancellationToken, runId, MigrationPlan.Name, now.UtcDateTime);

    /// <summary>Written before the step: what may have happened is in the record, also after a crash.</summary>
    internal static Task AddStepAsync(
        NpgsqlConnection connection, MigrationStep step, CancellationToken cancellationToken) =>
        ExecuteAsync(connection, AddStepSql, cancellationToken, MigrationPlan.Name, step.ToString());

    internal static Task AddRowsAsync(NpgsqlConnection connection, long rows, CancellationToken cancellationToken) =>
        ExecuteAsync(connection, AddRowsSql, cancellationToken, MigrationPlan.Name, rows);

    /// <summary>Ends the oldest run that is open and adds its event in one transaction; null when there is
    /// none.</summary>
    internal static async Task<SchemaMigrated?> CompleteAsync(
        NpgsqlConnection connection, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var migrated = await CloseAsync(connection, now, cancellationToken);
        if (migrated is not null)
            await OutboxTable.AddAsync(connection, OutboxEvent.Of(migrated), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return migrated;
    }

    private static async Task<SchemaMigrated?> CloseAsync(
        NpgsqlConnection connection, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, CompleteSql, now.UtcDateTime);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            return null;
        return new SchemaMigrated
        {
            EventId = reader.GetGuid(0),
            Stream = AuditEvent.SchemaStream,
            OccurredAt = now,
            Migration = reader.GetString(4),
            Steps = reader.GetFieldValue<string[]>(2),
            RowsBackfilled = reader.GetInt64(3),
            DurationMs = (long)(now - reader.GetFieldValue<DateTimeOffset>(1)).TotalMilliseconds,
        };
    }

    private static async Task ExecuteAsync(
        NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params object[] values)
    {
        await using var command = Command(connection, sql, values);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params object[] values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }
}

/// <summary>A migration that changed something, or is about to.</summary>
/// <param name="RunId">Also the id of its audit event.</param>
/// <param name="Migration">Its name.</param>
/// <param name="StartedAt">Before its first step.</param>
/// <param name="CompletedAt">When its audit event was written; null before.</param>
/// <param name="Steps">As they were begun.</param>
/// <param name="RowsBackfilled">Rows that got the default voice.</param>
public sealed record MigrationRun(
    Guid RunId, string Migration, DateTimeOffset StartedAt, DateTimeOffset? CompletedAt, IReadOnlyList<string> Steps,
    long RowsBackfilled);
