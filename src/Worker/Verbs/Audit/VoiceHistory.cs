using VoiceWorker.Contracts;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Persistence.Businesses;
using VoiceWorker.Persistence.Calls;

namespace VoiceWorker.Verbs.Audit;

/// <summary>What happened to a business, as <c>audit show</c> tells it, beside what is stored now.</summary>
/// <param name="BusinessId">The business.</param>
/// <param name="IsKnown">Whether there is such a business.</param>
/// <param name="StoredVoiceId">Its voice now; null for none.</param>
/// <param name="Differs">Whether that is not what the change that stands has left.</param>
/// <param name="Entries">The latest first.</param>
internal sealed record VoiceHistory(
    int BusinessId, bool IsKnown, string? StoredVoiceId, bool Differs, IReadOnlyList<HistoryEntry> Entries)
{
    /// <summary>Reads what there is of one business.</summary>
    /// <param name="before">Only events with a smaller sequence; null for the latest.</param>
    public static async Task<VoiceHistory> OfBusinessAsync(
        PostgresConnections connections, int businessId, long? before, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await connections.OpenAsync(cancellationToken);
        var query = new AuditQuery
        {
            Stream = AuditEvent.BusinessStream(businessId), NewestFirst = true,
            Sequences = before is { } end ? new SequenceRange(1, Math.Max(1, end - 1)) : SequenceRange.All,
        };
        var events = AuditTrail.ReadAsync(connection, query, limit, cancellationToken).Take(limit);
        var entries = await History.ReadAsync(connection, events, cancellationToken).ToListAsync(cancellationToken);
        var (rows, _) = await BusinessList.ReadAsync(connection, new(businessId, null, null), 1, cancellationToken);
        var differs = await OutsideVoices.FindAsync(connection, businessId, cancellationToken);
        return new(businessId, rows.Count > 0, rows.Count > 0 ? rows[0].VoiceId : null, differs is not null, entries);
    }
}

/// <summary>What is recorded of a call, with its event where that is found soon.</summary>
/// <param name="Call">Its row.</param>
/// <param name="Entry">Its event; null when it is not in the store yet, no more, or not found in time.</param>
internal sealed record CallHistory(RecordedCall Call, HistoryEntry? Entry)
{
    // An event lies where its id says, unless retention has removed it: then all that came later would be searched.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);

    /// <summary>Reads it; null when the call is not recorded.</summary>
    public static async Task<CallHistory?> ReadAsync(
        PostgresConnections connections, string callId, CancellationToken cancellationToken)
    {
        await using var connection = await connections.OpenAsync(cancellationToken);
        if (await CallVoiceTable.FindAsync(connection, callId, cancellationToken) is not { } call)
            return null;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            var events = AuditTrail.ReadAsync(
                connection, new AuditQuery { EventId = call.EventId }, 1, limit.Token);
            return new(call, await History.ReadAsync(connection, events, limit.Token).FirstOrDefaultAsync(limit.Token));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(call, null);
        }
    }
}
