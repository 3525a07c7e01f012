using System.Diagnostics;
using Npgsql;

namespace VoiceWorker.Persistence.Schema;

/// <summary>
/// Changes rows along the primary key, in small transactions that never wait for a row that the application holds.
/// </summary>
internal sealed class RowFiller(
    NpgsqlConnection connection, MigrationOptions options, LockPatience patience, TimeProvider time, StepReport report)
{
    // Rows that the application held are filled when it lets go of them; rows that keep coming come from a writer.
    private const int MaxRefills = 50;
    private static readonly TimeSpan TooLong = TimeSpan.FromMilliseconds(100);

    private readonly AdaptiveBatch _batch = new(options.BackfillBatch, least: 100, most: 50_000, TooLong);
    private long _rows;
    private long _total;

    /// <summary>Until the plan asks for something else.</summary>
    /// <exception cref="UnsupportedSchemaException">A writer keeps undoing it.</exception>
    /// <exception cref="LockBudgetExceededException">The application holds rows for longer than the budget.</exception>
    public async Task RunAsync(MigrationStep step, VoiceIdState state, CancellationToken cancellationToken)
    {
        for (var refills = 0; MigrationPlan.Next(state) == step;)
        {
            var before = _rows;
            await PassAsync(step, state, cancellationToken);
            state = await Catalog.InspectAsync(connection, state.Wanted, cancellationToken);
            if (MigrationPlan.Next(state) != step)
                return;
            await EnsureFillableAsync(step, state, cancellationToken);
            if (_rows == before)
                await WaitForHeldRowsAsync(step, state, cancellationToken);
            else if (++refills > MaxRefills)
                throw new UnsupportedSchemaException(RowsKeepComing(step, state));
        }
    }

    private async Task PassAsync(MigrationStep step, VoiceIdState state, CancellationToken cancellationToken)
    {
        var fill = Fill.Of(step)!;
        var (due, from, last) = await MeasureAsync(fill, state, cancellationToken);
        _total = Math.Max(_total, _rows + due);
        while (from < last)
        {
            var upTo = Math.Min(from + _batch.Size, last);
            var started = Stopwatch.StartNew();
            _rows += await BatchAsync(fill, step, state, from, upTo, cancellationToken);
            _batch.Took(started.Elapsed);
            report.Filled(_rows, _total);
            from = upTo;
            await Task.Delay(options.BackfillPause, time, cancellationToken);
        }
    }

    private async Task<(long Due, long From, long Last)> MeasureAsync(
        Fill fill, VoiceIdState state, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.ExecuteAsync("SET LOCAL statement_timeout = 0", cancellationToken);
        await using var command = new NpgsqlCommand(fill.Extent(state), connection) { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
    }

    private async Task<int> BatchAsync(
        Fill fill, MigrationStep step, VoiceIdState state, long from, long upTo, CancellationToken cancellationToken)
    {
        // Counted in the batch's own transaction: a crash loses no row of the count.
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(fill.Batch(state), connection)
        {
            Parameters =
            {
                new NpgsqlParameter<long> { TypedValue = from }, new NpgsqlParameter<long> { TypedValue = upTo },
            },
        };
        var rows = await command.ExecuteNonQueryAsync(cancellationToken);
        if (step is MigrationStep.Backfill)
            await MigrationRunTable.AddRowsAsync(connection, rows, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return rows;
    }

    // Rows that are still due are held by the application, or came meanwhile; or a trigger of it undoes the update.
    private async Task EnsureFillableAsync(MigrationStep step, VoiceIdState state, CancellationToken cancellationToken)
    {
        var fill = Fill.Of(step)!;
        long[] unchanged;
        // Rolled back: what has been changed here comes round again, and is counted then.
        await using (await connection.BeginTransactionAsync(cancellationToken))
        {
            await connection.ExecuteAsync("SET LOCAL statement_timeout = 0", cancellationToken);
            var free = await KeysAsync(fill.Free(state), [], cancellationToken);
            await KeysAsync(fill.Change(state), free, cancellationToken);
            unchanged = await KeysAsync(fill.Unchanged(state), free, cancellationToken);
        }

        if (unchanged.Length == 0)
            return;
        var writers = (await TableAccess.ReadAsync(connection, cancellationToken)).Writers;
        throw new UnsupportedSchemaException(
            $"{step} of {state.Table} has no effect on rows that nobody holds ({state.KeyColumn} "
            + $"{string.Join(", ", unchanged)}): {writers ?? "something"} undoes it. "
            + "Let it pass the update, then start again");
    }

    private async Task<long[]> KeysAsync(string sql, long[] keys, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        if (sql.Contains("$1", StringComparison.Ordinal))
            command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = keys });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<long>();
        while (await reader.ReadAsync(cancellationToken))
            found.Add(reader.GetInt64(0));
        return [.. found];
    }

    private async Task WaitForHeldRowsAsync(MigrationStep step, VoiceIdState state, CancellationToken cancellationToken)
    {
        patience.StartWaiting();
        await Task.Delay(TooLong, time, cancellationToken);
        patience.StopWaiting();
        if (!patience.IsSpent)
            return;
        var (blockers, _) = await BlockerQuery.ReadAsync(connection, state.Table!, cancellationToken);
        throw new LockBudgetExceededException(step, patience.Waited, blockers ?? BlockerQuery.Nobody);
    }

    private string RowsKeepComing(MigrationStep step, VoiceIdState state) =>
        $"{step} of {state.Table} is still due after {MaxRefills} passes over the table ({_rows} rows were changed): "
        + (step is MigrationStep.Backfill
            ? "a writer keeps sending NULL. Stop it or make it leave the column out, then start again"
            : "something keeps the shadow column from following voice_id, such as a later trigger. Stop it, then start "
                + "again");
}
