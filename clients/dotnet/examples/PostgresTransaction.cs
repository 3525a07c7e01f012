using Npgsql;
using VoiceWorker.Client.Audit;

namespace VoiceWorker.Client.Examples;

/// <summary>A transaction of a <see cref="PostgresLedger"/>. The handler makes its commands by
/// <see cref="Command"/>.</summary>
public sealed class PostgresTransaction(NpgsqlConnection connection, NpgsqlTransaction transaction) : IAuditTransaction
{
    /// <summary>In this transaction.</summary>
    /// <param name="sql">With $1, $2 …</param>
    /// <param name="values">Of the parameters.</param>
    public NpgsqlCommand Command(string sql, params object?[] values)
    {
        var command = new NpgsqlCommand(sql, connection, transaction);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        return command;
    }

    /// <inheritdoc />
    public async ValueTask<AuditProgress?> ProgressAsync(string stream, CancellationToken cancellationToken)
    {
        await using var command = Command("SELECT last, hash FROM audit_progress WHERE stream = $1", stream);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken)
            ? new AuditProgress(row.GetInt64(0), row[1] as string) : null;
    }

    /// <inheritdoc />
    public async ValueTask SetProgressAsync(string stream, AuditProgress progress, CancellationToken cancellationToken)
    {
        await using var command = Command("""
            INSERT INTO audit_progress VALUES ($1, $2, $3)
            ON CONFLICT (stream) DO UPDATE SET last = excluded.last, hash = excluded.hash
            """, stream, progress.Sequence, progress.Hash);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask AddGapAsync(AuditGap gap, CancellationToken cancellationToken)
    {
        await using var command = Command(
            "INSERT INTO audit_gap VALUES ($1, $2, $3)", gap.Stream, gap.First, gap.Last);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<AuditGap?> RemoveGapAsync(string stream, long sequence, CancellationToken cancellationToken)
    {
        await using var command = Command(
            "DELETE FROM audit_gap WHERE stream = $1 AND $2 BETWEEN first AND last RETURNING first, last",
            stream, sequence);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? new AuditGap(stream, row.GetInt64(0), row.GetInt64(1)) : null;
    }

    /// <inheritdoc />
    public async ValueTask CommitAsync(CancellationToken cancellationToken) =>
        await transaction.CommitAsync(cancellationToken);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await transaction.DisposeAsync();
        await connection.DisposeAsync();
    }
}
