using Npgsql;
using VoiceWorker.Client.Audit;

namespace VoiceWorker.Client.Examples;

/// <summary>A ledger in the consumer's own PostgreSQL: what the handler writes with its transaction, and the note that
/// the event was handled, are one commit. Copy it; it is yours.</summary>
public sealed class PostgresLedger(NpgsqlDataSource database) : IAuditLedger<PostgresTransaction>
{
    /// <summary>Its tables; an application has a migration for them.</summary>
    public const string Tables = """
        CREATE TABLE IF NOT EXISTS audit_progress (stream text PRIMARY KEY, last bigint NOT NULL, hash text);
        CREATE TABLE IF NOT EXISTS audit_gap (
            stream text NOT NULL, first bigint NOT NULL, last bigint NOT NULL, PRIMARY KEY (stream, first));
        """;

    private const string GapsSql = "SELECT stream, first, last FROM audit_gap ORDER BY stream, first";

    /// <inheritdoc />
    public async ValueTask<PostgresTransaction> BeginAsync(CancellationToken cancellationToken)
    {
        var connection = await database.OpenConnectionAsync(cancellationToken);
        try
        {
            return new PostgresTransaction(connection, await connection.BeginTransactionAsync(cancellationToken));
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<AuditGap>> GapsAsync(CancellationToken cancellationToken = default)
    {
        var gaps = new List<AuditGap>();
        await using var command = database.CreateCommand(GapsSql);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
            gaps.Add(new AuditGap(rows.GetString(0), rows.GetInt64(1), rows.GetInt64(2)));
        return gaps;
    }
}
