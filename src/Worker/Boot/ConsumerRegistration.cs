using Microsoft.Extensions.Options;
using VoiceWorker.Calls;
using VoiceWorker.Changes;
using VoiceWorker.Commit;
using VoiceWorker.Contracts;
using VoiceWorker.Observability;
using VoiceWorker.Voices;

namespace VoiceWorker.Boot;

/// <summary>What the consumers need.</summary>
internal static class ConsumerRegistration
{
    /// <summary>Adds voices, transactions and group commits.</summary>
    public static IServiceCollection AddVoiceDecisions(this IServiceCollection services) => services
        .AddSingleton(provider => new VoiceCatalogue(provider.GetRequiredService<IOptions<VoiceOptions>>().Value))
        .AddSingleton<Retry>()
        .AddSingleton<PendingCalls>()
        .AddGroupCommit<PendingCall, CallVoice, CallTransaction>("calls", metrics => metrics.Called)
        .AddGroupCommit<PendingChange, ChangeRejection?, ChangeTransaction>("changes", metrics => metrics.Changed);

    private static IServiceCollection AddGroupCommit<TRequest, TResult, TTransaction>(
        this IServiceCollection services, string group, Func<WorkerMetrics, Action<IReadOnlyList<TResult>>> count)
        where TRequest : ITraced
        where TTransaction : class, IGroupTransaction<TRequest, TResult> => services
        .AddSingleton<TTransaction>()
        .AddSingleton(provider => new GroupCommit<TRequest, TResult>(
            new ObservedTransaction<TRequest, TResult>(
                provider.GetRequiredService<TTransaction>(), group, count(provider.GetRequiredService<WorkerMetrics>()),
                provider.GetRequiredService<WorkerMetrics>(), provider.GetRequiredService<TimeProvider>()),
            provider.GetRequiredService<IOptions<GroupCommitOptions>>().Value,
            provider.GetRequiredService<Retry>()));
}
