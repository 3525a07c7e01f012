using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using VoiceWorker.Observability;

namespace VoiceWorker.Commit;

/// <summary>Group commits and what they share.</summary>
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
