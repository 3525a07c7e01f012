using Npgsql;
using VoiceWorker.Commit;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Persistence.Businesses;
using VoiceWorker.Persistence.Schema;
using VoiceWorker.Voices;

namespace VoiceWorker.Changes;

/// <summary>Decides and records a group of changes: lock businesses and read, write all with their events,
/// commit.</summary>
internal sealed class ChangeTransaction(PostgresConnections connections, VoiceCatalogue catalogue, TimeProvider time)
    : IGroupTransaction<PendingChange, VoiceChangeResult>
{
    public Task<IReadOnlyList<VoiceChangeResult>> CommitAsync(
        IReadOnlyList<PendingChange> group, CancellationToken cancellationToken) =>
        connections.CommitAsync(
            connection => RunAsync(group, connection, beside: null, cancellationToken), cancellationToken);

    /// <summary>One change, and what is to be recorded in the same transaction.</summary>
    /// <param name="change">Whoever asks for it.</param>
    /// <param name="beside">Gets the change as it was decided; neither is recorded where it fails.</param>
    public async Task<VoiceChangeResult> CommitAsync(
        PendingChange change, Func<NpgsqlConnection, DecidedChange, Task> beside, CancellationToken cancellationToken)
    {
        var results = await connections.CommitAsync(
            connection => RunAsync([change], connection, beside, cancellationToken), cancellationToken);
        return results[0];
    }

    private async Task<IReadOnlyList<VoiceChangeResult>> RunAsync(
        IReadOnlyList<PendingChange> group, NpgsqlConnection connection,
        Func<NpgsqlConnection, DecidedChange, Task>? beside, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);

        var changes = group.Select(pending => pending.Change).ToList();
        var history = await BusinessVoiceChangeTable.LockAndReadAsync(connection, changes, cancellationToken);
        var decided = group.Select(pending => Decide(pending, history)).ToList();
        var fresh = decided.Where(change => change.IsFresh).Select(change => change.Change).ToList();
        if (fresh.Count > 0)
            await WriteAsync(connection, fresh, cancellationToken);
        if (beside is not null)
            await beside(connection, decided[0].Change);

        await transaction.CommitAsync(cancellationToken);
        return decided.Select(change => ResultOf(change.Change, history)).ToList();
    }

    // In order of arrival: each change that is made is what the next one of the same business finds.
    private (DecidedChange Change, bool IsFresh) Decide(PendingChange pending, ChangeHistory history)
    {
        var change = pending.Change;
        var now = Stored(time.GetUtcNow());
        var stored = StoredVoice.Of(history.StoredVoices, change.BusinessId);
        (DateTimeOffset At, string VoiceId)? standing =
            history.Standing.TryGetValue(change.BusinessId, out var latest) ? latest : null;
        var rejection = ChangePolicy.Reject(change, now, stored, standing, catalogue);
        var decided = new DecidedChange(
            change, rejection, stored.VoiceId, now, ChangePolicy.IsChangedOutside(stored, standing?.VoiceId),
            pending.TraceParent);
        if (!history.Recorded.TryAdd(decided.Identity, rejection))
            return (decided, IsFresh: false);
        if (rejection is null)
        {
            history.Standing[change.BusinessId] = (ChangePolicy.InstantOf(change, now), change.VoiceId);
            history.StoredVoices[change.BusinessId] = change.VoiceId;
        }

        return (decided, IsFresh: true);
    }

    // The outcome as recorded, which a repeat does not change; the voice as it is after the whole group.
    private static VoiceChangeResult ResultOf(DecidedChange decided, ChangeHistory history)
    {
        var (change, rejection) = (decided.Change, history.Recorded[decided.Identity]);
        return new VoiceChangeResult(
            change.BusinessId, change.VoiceId, change.ChangedAt,
            rejection is null ? ChangeOutcome.Updated : ChangeOutcome.Rejected, rejection,
            StoredVoice.Of(history.StoredVoices, change.BusinessId).VoiceId);
    }

    // As the database keeps it, so that it compares equal when it is read again.
    private static DateTimeOffset Stored(DateTimeOffset instant) =>
        instant.AddTicks(-(instant.Ticks % TimeSpan.TicksPerMicrosecond));

    private static async Task WriteAsync(
        NpgsqlConnection connection, IReadOnlyList<DecidedChange> fresh, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            // Recorded first: by that a trigger on business knows the update that follows as the worker's own.
            BatchCommands = { BusinessVoiceChangeTable.InsertCommand(fresh) },
        };
        var voices = fresh.Where(change => change.Rejection is null)
            .GroupBy(change => change.Change.BusinessId)
            .ToDictionary(business => business.Key, made => made.Last().Change.VoiceId);
        if (voices.Count > 0)
        {
            batch.BatchCommands.Add(BusinessTable.UpdateCommand(voices));
            batch.BatchCommands.Add(BusinessTable.ReadBackCommand(voices));
        }

        batch.BatchCommands.Add(OutboxTable.NotifyCommand());
        var unchanged = await ExecuteAsync(batch, voices, cancellationToken);
        if (unchanged.Count > 0)
            throw await UndoneAsync(connection, unchanged.Keys, cancellationToken);
    }

    /// <returns>The businesses that do not have the voice that they were given.</returns>
    private static async Task<Dictionary<int, string>> ExecuteAsync(
        NpgsqlBatch batch, Dictionary<int, string> voices, CancellationToken cancellationToken)
    {
        var unchanged = new Dictionary<int, string>(voices);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            if (!await reader.IsDBNullAsync(1, cancellationToken)
                && VoiceCatalogue.AreEqual(reader.GetString(1), unchanged[reader.GetInt32(0)]))
                unchanged.Remove(reader.GetInt32(0));
        }

        // To the end: that is where a commit fails.
        while (await reader.NextResultAsync(cancellationToken)) { }
        return unchanged;
    }

    // Nothing of the group is written. The class of the SQLSTATE is that of data: alone, the change is moved out of the
    // way with this text, as if the trigger had raised an error.
    private static async Task<PostgresException> UndoneAsync(
        NpgsqlConnection connection, IEnumerable<int> businesses, CancellationToken cancellationToken)
    {
        var writers = (await TableAccess.ReadAsync(connection, cancellationToken)).Writers;
        return new PostgresException(
            $"business {string.Join(", ", businesses)} does not have the voice that it was given: "
            + $"{writers ?? "something in the database"} undoes the update",
            "ERROR", "ERROR", PostgresErrorCodes.TriggeredDataChangeViolation);
    }
}
