using System.Diagnostics;
using VoiceWorker.Observability;
using VoiceWorker.Persistence;

namespace VoiceWorker.Commit;

/// <summary>A group's transaction with what is told of it: size, duration and results, and one span for all its
/// messages, linked with each of theirs in both directions.</summary>
/// <param name="transaction">Does the work.</param>
/// <param name="group">What the group is of, such as <c>calls</c>.</param>
/// <param name="count">Counts what was committed.</param>
/// <param name="metrics">Counts the attempts.</param>
/// <param name="time">Measures them.</param>
internal sealed class ObservedTransaction<TRequest, TResult>(
    IGroupTransaction<TRequest, TResult> transaction, string group, Action<IReadOnlyList<TResult>> count,
    WorkerMetrics metrics, TimeProvider time)
    : IGroupTransaction<TRequest, TResult>
    where TRequest : ITraced
{
    private readonly string _name = $"commit {group}";

    public async Task<IReadOnlyList<TResult>> CommitAsync(
        IReadOnlyList<TRequest> requests, CancellationToken cancellationToken)
    {
        using var span = Start(requests);
        var begun = time.GetTimestamp();
        try
        {
            var results = await transaction.CommitAsync(requests, cancellationToken);
            metrics.Committed(group, requests.Count, time.GetElapsedTime(begun), errorType: null);
            count(results);
            foreach (var request in requests)
                request.Span = null;
            return results;
        }
        catch (Exception failure)
        {
            var errorType = SqlFailure.Of(failure).Code;
            metrics.Committed(group, requests.Count, time.GetElapsedTime(begun), errorType);
            span?.SetTag("error.type", errorType).SetStatus(ActivityStatusCode.Error);
            throw;
        }
    }

    private Activity? Start(IReadOnlyList<TRequest> requests)
    {
        if (!Tracing.Source.HasListeners())
            return null;
        var span = Tracing.StartShared(_name, requests.Select(request => request.Span?.Context ?? default));
        span?.SetTag("voice.group", group).SetTag("voice.group.size", requests.Count);
        foreach (var request in requests)
        {
            if (span is not null)
                request.Span?.AddLink(new ActivityLink(span.Context));
        }

        return span;
    }
}
