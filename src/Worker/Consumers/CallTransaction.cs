using Npgsql;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Businesses;
using VoiceWorker.Persistence.Calls;
using VoiceWorker.Persistence.Commit;
using VoiceWorker.Voices;

namespace VoiceWorker.Consumers;

/// <summary>Resolves and records a group of calls: read businesses, write calls with their events, commit.</summary>
internal sealed class CallTransaction(PostgresConnections connections, VoiceCatalogue catalogue, TimeProvider time)
    : IGroupTransaction<PendingCall, CallVoice>
{
    public Task<IReadOnlyList<CallVoice>> CommitAsync(
        IReadOnlyList<PendingCall> group, CancellationToken cancellationToken) =>
        RunAsync(group, commit: true, cancellationToken);

    /// <summary>The same without the commit: everything is done and nothing remains.</summary>
    public IGroupTransaction<PendingCall, CallVoice> WithoutCommit() => new Rehearsing(this);

    private async Task<IReadOnlyList<CallVoice>> RunAsync(
        IReadOnlyList<PendingCall> group, bool commit, CancellationToken cancellationToken)
    {
        await using var connection = await connections.OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);

        var voices = await ReadVoicesAsync(group, transaction, cancellationToken);
        // Deliveries of the same call can be in one group; the first of them decides.
        var decided = group.DistinctBy(pending => pending.Call.CallId).Select(pending => Decide(pending, voices)).ToList();
        var recorded = await CallVoiceTable.RecordAsync(connection, decided, cancellationToken);

        if (commit)
            await transaction.CommitAsync(cancellationToken);
        return group.Select(pending => recorded[pending.Call.CallId]).ToList();
    }

    private static Task<IReadOnlyDictionary<int, string?>> ReadVoicesAsync(
        IReadOnlyList<PendingCall> group, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        var businessIds = group.Select(pending => pending.Call.BusinessId).Distinct().ToArray();
        return BusinessTable.ReadVoicesAsync(transaction, businessIds, cancellationToken);
    }

    private DecidedCall Decide(PendingCall pending, IReadOnlyDictionary<int, string?> voices)
    {
        var resolved = VoicePolicy.Resolve(StoredVoice.Of(voices, pending.Call.BusinessId), catalogue);
        return new DecidedCall(pending.Call, pending.Decide(resolved), time.GetUtcNow(), pending.TraceParent);
    }

    private sealed class Rehearsing(CallTransaction transaction) : IGroupTransaction<PendingCall, CallVoice>
    {
        public Task<IReadOnlyList<CallVoice>> CommitAsync(
            IReadOnlyList<PendingCall> group, CancellationToken cancellationToken) =>
            transaction.RunAsync(group, commit: false, cancellationToken);
    }
}
