using Npgsql;
using VoiceWorker.Persistence.Outbox;

namespace VoiceWorker.Persistence.Audit;

/// <summary>
/// Step 1 of the relay: moves a page of events from the outbox into their streams, where each gets its sequence. One
/// transaction also advances the checkpoint over the page before, which is published by then.
/// </summary>
public sealed class Sequencer(EventStore store)
{
    /// <summary>Sequences the oldest events.</summary>
    /// <param name="session">The leader's.</param>
    /// <param name="published">Position up to which everything is confirmed by the broker.</param>
    /// <param name="pageSize">At most so many events.</param>
    /// <param name="cancellationToken">Rolls back.</param>
    /// <returns>The committed page, in store order; empty when the outbox is.</returns>
    public async Task<IReadOnlyList<StoredEvent>> SequenceAsync(
        NpgsqlConnection session, long published, int pageSize, CancellationToken cancellationToken)
    {
        await using var transaction = await session.BeginTransactionAsync(cancellationToken);
        var taken = await OutboxTable.TakeAsync(session, pageSize, cancellationToken);
        if (taken.Count == 0)
            return [];
        await RelayCheckpointTable.AdvanceAsync(session, published, cancellationToken);
        var page = await store.AppendAsync(transaction, taken, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return page;
    }
}
