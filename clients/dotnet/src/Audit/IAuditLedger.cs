namespace VoiceWorker.Client.Audit;

/// <summary>
/// Which events have been handled: for each stream the highest sequence, its hash, and the gaps below. One for each
/// queue. <see cref="FileLedger"/> keeps it in a file. Over the consumer's own database its transaction is that of the
/// handler too, so that the effect of an event and the note that it was handled are one commit.
/// </summary>
/// <typeparam name="TTransaction">What the handler gets.</typeparam>
public interface IAuditLedger<TTransaction>
    where TTransaction : IAuditTransaction
{
    /// <summary>Begins what happens between some deliveries and their acknowledgement; one at a time.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<TTransaction> BeginAsync(CancellationToken cancellationToken);

    /// <summary>What is missing, in order of streams and sequences. An <c>audit replay</c> fills what the store still
    /// has.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<IReadOnlyList<AuditGap>> GapsAsync(CancellationToken cancellationToken = default);
}

/// <summary>A transaction of a ledger. Disposed without a commit, it leaves nothing.</summary>
public interface IAuditTransaction : IAsyncDisposable
{
    /// <summary>The highest sequence of a stream; null at first.</summary>
    /// <param name="stream">Such as <c>business-42</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<AuditProgress?> ProgressAsync(string stream, CancellationToken cancellationToken);

    /// <summary>Another one is the highest.</summary>
    /// <param name="stream">Such as <c>business-42</c>.</param>
    /// <param name="progress">The highest sequence, and its hash.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask SetProgressAsync(string stream, AuditProgress progress, CancellationToken cancellationToken);

    /// <summary>These are missing.</summary>
    /// <param name="gap">Not yet in the ledger.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask AddGapAsync(AuditGap gap, CancellationToken cancellationToken);

    /// <summary>Takes out the gap that a sequence is in, and returns it whole; null where there is none.</summary>
    /// <param name="stream">Such as <c>business-42</c>.</param>
    /// <param name="sequence">One of its sequences.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<AuditGap?> RemoveGapAsync(string stream, long sequence, CancellationToken cancellationToken);

    /// <summary>Makes all of it durable.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask CommitAsync(CancellationToken cancellationToken);
}

/// <summary>How far a stream was handled.</summary>
/// <param name="Sequence">The highest sequence.</param>
/// <param name="Hash">The hash of that event; null when it has none.</param>
public sealed record AuditProgress(long Sequence, string? Hash);

/// <summary>Events that are missing.</summary>
/// <param name="Stream">Such as <c>business-42</c>.</param>
/// <param name="First">The lowest sequence.</param>
/// <param name="Last">The highest sequence.</param>
public sealed record AuditGap(string Stream, long First, long Last);
