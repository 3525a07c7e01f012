using Npgsql;
using VoiceWorker.Commit;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Businesses;
using VoiceWorker.Persistence.Calls;
using VoiceWorker.Voices;

namespace VoiceWorker.Calls;

/// <summary>Resolves and records a group of calls in two round trips: read businesses, then write calls with their
/// events and commit.</summary>
internal sealed class CallTransaction(PostgresConnections connections, VoiceCatalogue catalogue, TimeProvider time)
    : IGroupTransaction<PendingCall, CallVoice>
{
    public Task<IReadOnlyList<CallVoice>> CommitAsync(
        IReadOnlyList<PendingCall> group, CancellationToken cancellationToken) =>
        connections.CommitAsync(connection => RunAsync(group, connection, cancellationToken), cancellationToken);

    /// <summary>The same without the commit: everything is done and nothing remains.</summary>
    public IGroupTransaction<PendingCall, CallVoice> WithoutCommit() => new Rehearsing(this, connections);

    private async Task<IReadOnlyList<CallVoice>> RunAsync(
        IReadOnlyList<PendingCall> group, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var voices = await ReadVoicesAsync(group, connection, cancellationToken);
        // Deliveries of the same call can be in one group; the first of them decides.
        var decided = group.DistinctBy(pending => pending.Call.CallId)
            .Select(pending => Decide(pending, voices)).ToList();
        var recorded = await CallVoiceTable.RecordAsync(connection, decided, cancellationToken);
        return group.Select(pending => recorded[pending.Call.CallId]).ToList();
    }

    private static Task<IReadOnlyDictionary<int, string?>> ReadVoicesAsync(
        IReadOnlyList<PendingCall> group, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var businessIds = group.Select(pending => pending.Call.BusinessId).Distinct().ToArray();
        return BusinessTable.ReadVoicesAsync(connection, businessIds, cancellationToken);
    }

    private DecidedCall Decide(PendingCall pending, IReadOnlyDictionary<int, string?> voices)
    {
        var resolved = VoicePolicy.Resolve(StoredVoice.Of(voices, pending.Call.BusinessId), catalogue);
        return new DecidedCall(pending.Call, pending.Decide(resolved), time.GetUtcNow(), pending.TraceParent);
    }

    private sealed class Rehearsing(CallTransaction transaction, PostgresConnections connections)
        : IGroupTransaction<PendingCall, CallVoice>
    {
        public async Task<IReadOnlyList<CallVoice>> CommitAsync(
            IReadOnlyList<PendingCall> group, CancellationToken cancellationToken)
        {
            await using var connection = await connections.OpenAsync(cancellationToken);
            await using var rolledBack = await connection.BeginTransactionAsync(cancellationToken);
            return await transaction.RunAsync(group, connection, cancellationToken);
        }
    }
}
