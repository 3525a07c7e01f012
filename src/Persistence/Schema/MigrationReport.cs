using System.Globalization;
using Npgsql;

namespace VoiceWorker.Persistence.Schema;

/// <summary>How the schema stands: what is left to do, who does it at the moment, and who is in the way.</summary>
/// <param name="Pending">What is left to do.</param>
/// <param name="Running">The migration that another process runs; null when none does.</param>
/// <param name="Blockers">Who holds <c>business</c> or waits to alter it while steps are left that need it; null when
/// nobody does.</param>
public sealed record MigrationReport(PendingWork Pending, RunningMigration? Running, string? Blockers)
{
    /// <summary>All of it for people, a line for each.</summary>
    public IEnumerable<string> Lines()
    {
        foreach (var line in Pending.Describe().DefaultIfEmpty("Nothing to do: the schema is at its target."))
            yield return line;
        foreach (var obstacle in Pending.Obstacles)
            yield return $"{obstacle.Text}. Cure: {obstacle.Cure}";
        if (Running is not null)
            yield return Running.Describe();
        if (Blockers is not null)
            yield return $"Holds {Pending.VoiceId.Table} at the moment: {PeerText.Line(Blockers)}";
    }

    /// <summary>Reads what is beside the plan.</summary>
    /// <param name="connection">Free.</param>
    /// <param name="pending">As inspected.</param>
    internal static async Task<MigrationReport> ReadAsync(
        NpgsqlConnection connection, PendingWork pending, CancellationToken cancellationToken)
    {
        var table = pending.VoiceId.Table;
        var running = await RunningMigration.FindAsync(connection, table, cancellationToken);
        var blockers = table is null || pending.Steps.Count == 0
            ? null : (await BlockerQuery.ReadAsync(connection, table, cancellationToken)).Blockers;
        return new(pending, running, blockers);
    }
}

/// <summary>A migration that a process is at.</summary>
/// <param name="Pid">Of its session.</param>
/// <param name="Run">Its record; null before its first step of migration 58.</param>
/// <param name="TableRows">Rows of <c>business</c>, estimated: a backfill changes at most so many.</param>
public sealed record RunningMigration(int Pid, MigrationRun? Run, long TableRows)
{
    // As pg_locks has the key of pg_try_advisory_lock.
    private const string HolderSql = $"""
        SELECT pid, to_regclass('voice.migration_run') IS NOT NULL,
               COALESCE((SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = to_regclass($1)), 0)
        FROM pg_locks
        WHERE locktype = 'advisory' AND classid = 0 AND objid = {MigrationLock.Key} AND objsubid = 1 AND granted
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        LIMIT 1
        """;

    /// <summary>In a sentence.</summary>
    public string Describe()
    {
        var step = Run is { Steps: [.., var latest] } ? latest : "not yet at business.voice_id";
        return $"A migration is running (pid {Pid.ToString(CultureInfo.InvariantCulture)}): {step}"
            + (Run is not { RowsBackfilled: > 0 and var rows } ? "" : string.Create(
                CultureInfo.InvariantCulture, $", {rows:N0} rows of at most about {TableRows:N0}"));
    }

    /// <summary>The one that holds the lock; null when nobody does.</summary>
    /// <param name="table">The legacy table; null when there is none.</param>
    internal static async Task<RunningMigration?> FindAsync(
        NpgsqlConnection connection, string? table, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(HolderSql, connection)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = table ?? "" } },
        };
        var (pid, hasRuns, rows) = (0, false, 0L);
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            if (!await reader.ReadAsync(cancellationToken))
                return null;
            (pid, hasRuns, rows) = (reader.GetInt32(0), reader.GetBoolean(1), reader.GetInt64(2));
        }

        var run = hasRuns ? await MigrationRunTable.FindLastAsync(connection, cancellationToken) : null;
        return new(pid, run is { CompletedAt: null } ? run : null, rows);
    }
}
