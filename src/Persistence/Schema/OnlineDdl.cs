using System.Diagnostics;
using Npgsql;

namespace VoiceWorker.Persistence.Schema;

/// <summary>
/// One DDL step in a transaction of its own that never makes the application queue: SHARE UPDATE EXCLUSIVE first, which
/// conflicts with no reader or writer and makes autovacuum step aside, then ACCESS EXCLUSIVE without waiting. As soon
/// as an ALTER of another session waits for the table, both locks are released: it waits for the first one, our second
/// one can be had only after it, and readers queue behind it.
/// </summary>
internal sealed class OnlineDdl(NpgsqlConnection connection, LockPatience patience, Action<TimeSpan, string> blocked)
{
    private const string LockNotAvailable = "55P03";

    private readonly TimeSpan _waitedBefore = patience.Waited;

    /// <summary>Who was in the way at the last failed attempt.</summary>
    public string Blockers { get; private set; } = BlockerQuery.Nobody;

    public int Attempts { get; private set; }

    /// <summary>For this step's locks.</summary>
    public TimeSpan Waited => patience.Waited - _waitedBefore;

    /// <summary>How long it had its lock, until the commit was confirmed.</summary>
    public TimeSpan Held { get; private set; }

    /// <summary>Carries the step out; false when, under the lock, it turned out to be done or due no longer.</summary>
    public async Task<bool> TryExecuteAsync(
        MigrationStep step, VoiceIdState expected, CancellationToken cancellationToken)
    {
        patience.StartWaiting();
        try
        {
            while (!patience.IsSpent)
            {
                if (await TryOnceAsync(step, expected, cancellationToken) is { } done)
                    return done;
                blocked(Waited, Blockers);
            }
        }
        finally
        {
            patience.StopWaiting();
        }

        throw new LockBudgetExceededException(step, patience.Waited, Blockers);
    }

    // Null: the lock was not available in this transaction.
    private async Task<bool?> TryOnceAsync(
        MigrationStep step, VoiceIdState expected, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!await TryLockAsync("SHARE UPDATE EXCLUSIVE", expected.Table!, patience.HarmlessWait(), cancellationToken))
        {
            await transaction.RollbackAsync(cancellationToken);
            await NameBlockersAsync(expected.Table!, cancellationToken);
            return null;
        }

        var state = (await Catalog.ReadStateAsync(connection, expected.Wanted, cancellationToken)).WithRowsOf(expected);
        if (state != expected)
            return false;
        // VALIDATE needs no more than the lock that it has, and its scan may take long.
        if (step is MigrationStep.ValidateCheck or MigrationStep.ValidateShadow)
            await connection.ExecuteAsync("SET LOCAL statement_timeout = 0", cancellationToken);
        else if (!await TryLockExclusivelyAsync(transaction, state.Table!, cancellationToken))
            return null;
        patience.StopWaiting();

        var held = Stopwatch.StartNew();
        await ExecuteUnlimitedAsync(MigrationSql.Of(step, state), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        Held = held.Elapsed;
        return true;
    }

    private async Task<bool> TryLockExclusivelyAsync(
        NpgsqlTransaction transaction, string table, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < LockPatience.TriesPerTransaction && !patience.IsSpent; attempt++)
        {
            await transaction.SaveAsync("before_lock", cancellationToken);
            var wait = patience.NextWait();
            if (await TryLockAsync("ACCESS EXCLUSIVE", table, wait, cancellationToken))
                return true;
            await transaction.RollbackAsync("before_lock", cancellationToken);
            if (await PauseAsync(LockPatience.LooksAfter(wait), table, cancellationToken))
            {
                await transaction.RollbackAsync(cancellationToken);
                return false;
            }
        }

        return false;
    }

    // True, and at once, when another session waits that wants to alter the table.
    private async Task<bool> PauseAsync(int looks, string table, CancellationToken cancellationToken)
    {
        while (!await NameBlockersAsync(table, cancellationToken))
        {
            if (looks-- == 0)
                return false;
            await patience.LookAsync(cancellationToken);
        }

        return true;
    }

    // A blocker that has released its lock since the attempt stays named.
    private async Task<bool> NameBlockersAsync(string table, CancellationToken cancellationToken)
    {
        var (blockers, isAltererWaiting) = await BlockerQuery.ReadAsync(connection, table, cancellationToken);
        Blockers = blockers ?? Blockers;
        return isAltererWaiting;
    }

    private async Task<bool> TryLockAsync(string mode, string table, TimeSpan wait, CancellationToken cancellationToken)
    {
        Attempts++;
        var sql = wait == TimeSpan.Zero
            ? $"LOCK TABLE {table} IN {mode} MODE NOWAIT"
            : $"SET LOCAL lock_timeout = {(int)wait.TotalMilliseconds}; LOCK TABLE {table} IN {mode} MODE";
        try
        {
            await connection.ExecuteAsync(sql, cancellationToken);
            return true;
        }
        catch (PostgresException failure) when (SqlFailure.StateOf(failure) == LockNotAvailable)
        {
            return false;
        }
    }

    private async Task ExecuteUnlimitedAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
