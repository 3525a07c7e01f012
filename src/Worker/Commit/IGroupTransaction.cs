namespace VoiceWorker.Commit;

/// <summary>A group of requests in at most 3 round trips and 1 commit, whatever its size.</summary>
public interface IGroupTransaction<TRequest, TResult>
{
    /// <summary>Commits the group. May see a request again whose earlier commit had an unknown outcome.</summary>
    /// <param name="group">At least one request, in order of arrival.</param>
    /// <param name="cancellationToken">The worker has stopped and nobody waits any more.</param>
    /// <returns>One result per request, in the same order.</returns>
    Task<IReadOnlyList<TResult>> CommitAsync(IReadOnlyList<TRequest> group, CancellationToken cancellationToken);
}
