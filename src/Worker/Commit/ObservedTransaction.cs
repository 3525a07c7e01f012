using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using VoiceWorker.Observability;
using VoiceWorker.Persistence;

namespace VoiceWorker.Commit;

/// <summary>A group's transaction with its telemetry: size, duration and results, and one span for all its messages,
/// linked with each of theirs in both directions.</summary>
/// <param name="group">What the group is of, such as <c>calls</c>.</param>
/// <param name="count">Counts what was committed.</param>
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
        // Nothing was tried: ten times a second it is asked for.
        catch (UncomparedHistoryException)
        {
            if (span is not null)
                span.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
            throw;
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

/// <summary>A message that waits for the transaction of its group.</summary>
internal interface ITraced
{
    /// <summary>The span of its delivery, until it is committed; null without a listener.</summary>
    Activity? Span { get; set; }
}

internal static class CommitRegistration
{
    /// <summary>Adds one that is observed under the name of its group.</summary>
    public static IServiceCollection AddGroupCommit<TRequest, TResult, TTransaction>(
        this IServiceCollection services, string group, Func<WorkerMetrics, Action<IReadOnlyList<TResult>>> count)
        where TRequest : ITraced
        where TTransaction : class, IGroupTransaction<TRequest, TResult>
    {
        services.TryAddSingleton<Retry>();
        return services.AddSingleton<TTransaction>()
            .AddSingleton(provider => new GroupCommit<TRequest, TResult>(
                new ObservedTransaction<TRequest, TResult>(
                    provider.GetRequiredService<TTransaction>(), group,
                    count(provider.GetRequiredService<WorkerMetrics>()),
                    provider.GetRequiredService<WorkerMetrics>(), provider.GetRequiredService<TimeProvider>()),
                provider.GetRequiredService<IOptions<GroupCommitOptions>>().Value,
                provider.GetRequiredService<Retry>()));
    }
}
