namespace VoiceWorker.Persistence.Commit;

/// <summary>One transaction for a group of requests: at most 3 round trips and 1 commit, whatever the group's size.</summary>
public interface IGroupTransaction<TRequest, TResult>
{
    /// <summary>Commits the group. May see a request again whose earlier commit had an unknown outcome.</summary>
    /// <param name="group">At least one request, in order of arrival.</param>
    /// <param name="cancellationToken">The worker is stopping.</param>
    /// <returns>One result per request, in the same order.</returns>
    Task<IReadOnlyList<TResult>> CommitAsync(IReadOnlyList<TRequest> group, CancellationToken cancellationToken);
}
