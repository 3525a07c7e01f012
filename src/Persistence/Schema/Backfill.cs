using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace VoiceWorker.Persistence.Schema;

/// <summary>
/// Gives every row without a voice the default, along the primary key, in small transactions that never wait for a row
/// that the application holds.
/// </summary>
internal sealed class Backfill(
    NpgsqlConnection connection, MigrationOptions options, LockPatience patience, TimeProvider time, ILogger logger)
{
    // Rows that the application held are filled when it lets go of them; rows that come for ever come from a writer.
    private const int MaxRefills = 50;
    private const int MinBatch = 100;
    private const int MaxBatch = 50_000;
    private static readonly TimeSpan TooLong = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(5);

    private long _batch = options.BackfillBatch;
    private long _lastLogged = time.GetTimestamp();

    /// <summary>Until no NULL is left.</summary>
    /// <exception cref="UnsupportedSchemaException">A writer keeps sending NULL.</exception>
    /// <exception cref="LockBudgetExceededException">The application holds rows for longer than the budget.</exception>
    public async Task RunAsync(Guid runId, VoiceIdState state, CancellationToken cancellationToken)
    {
        var (rows, refills) = (0L, 0);
        while (true)
        {
            var filled = await PassAsync(runId, state, rows, cancellationToken);
            rows += filled;
            if (!(await Catalog.InspectAsync(connection, cancellationToken)).HasNulls)
                return;
            if (filled == 0)
                await WaitForHeldRowsAsync(state, cancellationToken);
            else if (++refills > MaxRefills)
                throw new UnsupportedSchemaException(NullsKeepComing(state, rows));
        }
    }

    private async Task WaitForHeldRowsAsync(VoiceIdState state, CancellationToken cancellationToken)
    {
        patience.StartWaiting();
        await Task.Delay(TooLong, time, cancellationToken);
        patience.StopWaiting();
        if (!patience.IsSpent)
            return;
        var blockers = await BlockerQuery.ReadAsync(connection, state.Table!, cancellationToken);
        throw new LockBudgetExceededException(MigrationStep.Backfill, patience.Waited, blockers);
    }

    private static string NullsKeepComing(VoiceIdState state, long rows) =>
        $"{state.Table}.voice_id still gets NULLs after {MaxRefills} passes over the table ({rows} rows were filled): "
        + "a writer keeps sending NULL. Stop it or make it leave the column out, then start again";

    private async Task<long> PassAsync(Guid runId, VoiceIdState state, long before, CancellationToken cancellationToken)
    {
        var (from, last) = await NullRangeAsync(state, cancellationToken);
        var rows = 0L;
        while (from < last)
        {
            var upTo = Math.Min(from + _batch, last);
            var started = Stopwatch.StartNew();
            rows += await BatchAsync(state, from, upTo, cancellationToken);
            Adapt(started.Elapsed);
            LogProgress(runId, before + rows, upTo, last);
            from = upTo;
            await Task.Delay(options.BackfillPause, time, cancellationToken);
        }

        return rows;
    }

    private async Task<(long From, long Last)> NullRangeAsync(VoiceIdState state, CancellationToken cancellationToken)
    {
        var sql = $"SELECT COALESCE(min({state.KeyColumn}), 1)::bigint - 1, COALESCE(max({state.KeyColumn}), 0)::bigint "
            + $"FROM {state.Table} WHERE voice_id IS NULL";
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetInt64(0), reader.GetInt64(1));
    }

    private async Task<int> BatchAsync(VoiceIdState state, long from, long upTo, CancellationToken cancellationToken)
    {
        // Counted in the batch's own transaction: a crash loses no row of the count.
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(MigrationSql.BackfillBatch(state), connection)
        {
            Parameters = { new NpgsqlParameter<long> { TypedValue = from }, new NpgsqlParameter<long> { TypedValue = upTo } },
        };
        var rows = await command.ExecuteNonQueryAsync(cancellationToken);
        await MigrationRunTable.AddRowsAsync(connection, rows, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return rows;
    }

    private void Adapt(TimeSpan took) => _batch = took > TooLong
        ? Math.Max(MinBatch, _batch / 2)
        : Math.Min(MaxBatch, took < TooLong / 4 ? _batch * 5 / 4 : _batch);

    private void LogProgress(Guid runId, long rows, long upTo, long last)
    {
        if (upTo < last && time.GetElapsedTime(_lastLogged) < LogInterval)
            return;
        _lastLogged = time.GetTimestamp();
        logger.BackfillProgress(runId, rows, upTo, last, (int)(upTo * 100 / Math.Max(1, last)));
    }
}
