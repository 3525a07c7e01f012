namespace VoiceWorker.Commit;

/// <summary>
/// A cancellation that follows another one, on another thread. Npgsql asks the server to cancel a statement within
/// <see cref="CancellationTokenSource.Cancel()"/> and waits for it; an unresponsive server would hold up whoever stops
/// the worker.
/// </summary>
internal sealed class FollowingCancellation : IDisposable
{
    // Not disposed of: it may still be cancelling. It has no timer.
    private readonly CancellationTokenSource _source = new();
    private readonly CancellationTokenRegistration _following;

    /// <summary>Follows it until it is disposed of.</summary>
    public FollowingCancellation(CancellationToken leader) =>
        _following = leader.Register(() => _ = _source.CancelAsync());

    /// <summary>For statements.</summary>
    public CancellationToken Token => _source.Token;

    public void Dispose() => _following.Dispose();
}
