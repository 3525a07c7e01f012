using System.Data;
using System.Runtime.CompilerServices;
using Npgsql;

namespace VoiceWorker.Persistence.Verification;

/// <summary>
/// Derives the audit trail again and compares it with what was recorded. All of it in one snapshot: what is recorded or
/// sequenced meanwhile is seen by neither side, and what waits in the outbox is no difference.
/// </summary>
public sealed class AuditVerification(PostgresConnections connections)
{
    // Other than for the worker's statements, everything is read here, and sorted on disk where it does not fit. A
    // reader of the differences may be slow.
    private const string SettingsSql = """
        SET TRANSACTION READ ONLY;
        SET LOCAL enable_seqscan = on;
        SET LOCAL cursor_tuple_fraction = 1;
        SET LOCAL work_mem = '64MB';
        SET LOCAL idle_in_transaction_session_timeout = '10min'
        """;

    /// <summary>What has been looked at so far.</summary>
    public VerificationCounts Counts { get; } = new();

    /// <summary>Every difference, as it is found.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    public async IAsyncEnumerable<AuditDifference> FindAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var connection = await connections.OpenAsync(cancellationToken);
        await using var snapshot = await connection.BeginTransactionAsync(
            IsolationLevel.RepeatableRead, cancellationToken);
        await using (var settings = new NpgsqlCommand(SettingsSql, connection))
            await settings.ExecuteNonQueryAsync(cancellationToken);
        var horizon = await AuditHorizon.ReadAsync(connection, cancellationToken);
        await foreach (var broken in StreamCheck.FindBrokenAsync(connection, horizon, cancellationToken))
            yield return broken;
        await foreach (var end in StreamCheck.FindEndsAsync(connection, horizon, cancellationToken))
            yield return end;
        if (await RemovalCheck.FindAsync(connection, horizon, cancellationToken) is { } unaccounted)
            yield return unaccounted;
        if (await CheckpointCheck.FindAsync(connection, horizon, cancellationToken) is { } implausible)
            yield return implausible;
        var pairing = new Pairing(
            horizon, told => DecisionRows.FindEventIdAsync(connection, told, cancellationToken), Counts);
        var rows = DecisionRows.ReadAsync(connection, cancellationToken);
        var entries = AuditEntries.ReadAsync(connection, cancellationToken);
        await foreach (var difference in pairing.CompareAsync(rows, entries, cancellationToken))
            yield return difference;
    }
}
