using System.ComponentModel.DataAnnotations;
using System.Threading.Channels;
using VoiceWorker.Persistence;

namespace VoiceWorker.Commit;

/// <summary>
/// Requests that arrive while a transaction is in flight are gathered and committed together in the next one. There is
/// no timer: an idle worker commits a lone request at once, a busy one shares one fsync among hundreds.
/// </summary>
/// <remarks>
/// Transient failures are retried here, and only here, until they pass or the group commit is disposed; a commit whose
/// outcome is unknown is one of them, which is safe because the transaction itself finds out through its inbox what is
/// already recorded. When a group fails because of its data, its members are retried one by one, so that only the
/// guilty one fails.
/// </remarks>
internal sealed class GroupCommit<TRequest, TResult> : IAsyncDisposable
{
    private readonly IGroupTransaction<TRequest, TResult> _transaction;
    private readonly GroupCommitOptions _options;
    private readonly Retry _retry;
    private readonly Channel<Member> _waiting = Channel.CreateUnbounded<Member>(new() { SingleReader = true });
    private readonly CancellationTokenSource _disposed = new();
    private readonly FollowingCancellation _statements;
    private readonly CancellationToken _stopping;
    private readonly Task _loop;

    /// <summary>Starts to commit.</summary>
    /// <param name="transaction">Commits a group; may be called again for the same requests.</param>
    /// <param name="options">Group size and back-off.</param>
    /// <param name="retry">Waits between two attempts.</param>
    public GroupCommit(IGroupTransaction<TRequest, TResult> transaction, GroupCommitOptions options, Retry retry)
    {
        (_transaction, _options, _retry) = (transaction, options, retry);
        _stopping = _disposed.Token;
        _statements = new FollowingCancellation(_stopping);
        _loop = Task.Run(CommitUntilDisposedAsync);
    }

    /// <summary>Completes when the request is committed, alone or with others.</summary>
    /// <exception cref="OperationCanceledException">The wait was cancelled or the worker is stopping; the outcome is
    /// unknown and the request must be submitted again.</exception>
    public Task<TResult> SubmitAsync(TRequest request, CancellationToken cancellationToken)
    {
        var member = new Member(request);
        if (!_waiting.Writer.TryWrite(member))
            member.Result.TrySetCanceled(_stopping);
        return member.Result.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Stops; requests that are not committed yet are cancelled.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_waiting.Writer.TryComplete())
            return;
        await _disposed.CancelAsync();
        await _loop;
        _statements.Dispose();
        _disposed.Dispose();
    }

    private async Task CommitUntilDisposedAsync()
    {
        var group = new List<Member>(_options.MaxGroupSize);
        while (await _waiting.Reader.WaitToReadAsync(CancellationToken.None))
        {
            await CommitAsync(group, mayGrow: true);
            group.Clear();
        }
    }

    private async Task CommitAsync(List<Member> group, bool mayGrow)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                if (mayGrow)
                    Gather(group);
                await CommitOnceAsync(group);
                _retry.Succeeded(attempt);
                return;
            }
            catch (Exception) when (_stopping.IsCancellationRequested)
            {
                group.ForEach(member => member.Result.TrySetCanceled(_stopping));
                return;
            }
            catch (Exception failure) when (SqlFailure.Of(failure).CanPass)
            {
                await _retry.WaitAsync(attempt, failure, _stopping);
            }
            catch (Exception failure)
            {
                await FailGuiltyAsync(group, failure);
                return;
            }
        }
    }

    private void Gather(List<Member> group)
    {
        while (group.Count < _options.MaxGroupSize && _waiting.Reader.TryRead(out var member))
            group.Add(member);
    }

    private async Task CommitOnceAsync(List<Member> group)
    {
        _stopping.ThrowIfCancellationRequested();
        // An unresponsive server answers no cancellation either; an abandoned transaction is like one cut off by a
        // crash.
        var results = await _transaction.CommitAsync(group.ConvertAll(member => member.Request), _statements.Token)
            .WaitAsync(_stopping);
        for (var i = 0; i < group.Count; i++)
            group[i].Result.TrySetResult(results[i]);
    }

    private async Task FailGuiltyAsync(List<Member> group, Exception failure)
    {
        if (group.Count == 1)
        {
            group[0].Result.TrySetException(failure);
            return;
        }

        foreach (var member in group)
            await CommitAsync([member], mayGrow: false);
    }

    private sealed record Member(TRequest Request)
    {
        // Asynchronous: the consumer's continuation must not run on, and hold up, the loop.
        public TaskCompletionSource<TResult> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>A group of requests in at most 3 round trips and 1 commit, whatever its size.</summary>
internal interface IGroupTransaction<TRequest, TResult>
{
    /// <summary>Commits the group. May see a request again whose earlier commit had an unknown outcome.</summary>
    /// <param name="group">At least one request, in order of arrival.</param>
    /// <returns>One result per request, in the same order.</returns>
    Task<IReadOnlyList<TResult>> CommitAsync(IReadOnlyList<TRequest> group, CancellationToken cancellationToken);
}

/// <summary>Section <c>GroupCommit</c>.</summary>
internal sealed class GroupCommitOptions
{
    /// <summary>Most requests in one transaction. Larger groups share one fsync among more, and lose more to a
    /// retry.</summary>
    [Range(1, 5000)]
    public int MaxGroupSize { get; set; } = 500;
}
