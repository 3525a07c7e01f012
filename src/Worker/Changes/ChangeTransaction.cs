using Npgsql;
using VoiceWorker.Commit;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Persistence.Businesses;
using VoiceWorker.Voices;

namespace VoiceWorker.Changes;

/// <summary>Decides and records a group of changes: lock businesses and read, write all with their events, commit.</summary>
internal sealed class ChangeTransaction(PostgresConnections connections, VoiceCatalogue catalogue, TimeProvider time)
    : IGroupTransaction<PendingChange, ChangeRejection?>
{
    public Task<IReadOnlyList<ChangeRejection?>> CommitAsync(
        IReadOnlyList<PendingChange> group, CancellationToken cancellationToken) =>
        connections.CommitAsync(connection => RunAsync(group, connection, cancellationToken), cancellationToken);

    private async Task<IReadOnlyList<ChangeRejection?>> RunAsync(
        IReadOnlyList<PendingChange> group, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);

        var changes = group.Select(pending => pending.Change).ToList();
        var history = await BusinessVoiceChangeTable.LockAndReadAsync(connection, changes, cancellationToken);
        var decided = group.Select(pending => Decide(pending, history)).ToList();
        var fresh = decided.Where(change => history.Recorded.Add(change.Identity)).ToList();
        if (fresh.Count > 0)
            await WriteAsync(connection, fresh, cancellationToken);

        await transaction.CommitAsync(cancellationToken);
        return decided.Select(change => change.Rejection).ToList();
    }

    // In order of arrival: each change that is made is what the next one of the same business finds.
    private DecidedChange Decide(PendingChange pending, ChangeHistory history)
    {
        var change = pending.Change;
        var stored = StoredVoice.Of(history.StoredVoices, change.BusinessId);
        (DateTimeOffset, string)? standing =
            history.Standing.TryGetValue(change.BusinessId, out var latest) ? latest : null;
        var rejection = ChangePolicy.Reject(change, stored, standing, catalogue);
        if (rejection is null && !history.Recorded.Contains((change.BusinessId, change.ChangedAt, change.VoiceId)))
        {
            history.Standing[change.BusinessId] = (change.ChangedAt, change.VoiceId);
            history.StoredVoices[change.BusinessId] = change.VoiceId;
        }

        return new DecidedChange(change, rejection, stored.VoiceId, time.GetUtcNow(), pending.TraceParent);
    }

    private static async Task WriteAsync(
        NpgsqlConnection connection, IReadOnlyList<DecidedChange> fresh, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        var voices = fresh.Where(change => change.Rejection is null)
            .GroupBy(change => change.Change.BusinessId).ToDictionary(business => business.Key, made => made.Last().Change.VoiceId);
        if (voices.Count > 0)
            batch.BatchCommands.Add(BusinessTable.UpdateCommand(voices));
        batch.BatchCommands.Add(BusinessVoiceChangeTable.InsertCommand(fresh));
        batch.BatchCommands.Add(OutboxTable.NotifyCommand());
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }
}
