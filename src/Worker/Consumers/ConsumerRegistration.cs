using Microsoft.Extensions.Options;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence.Commit;
using VoiceWorker.Voices;

namespace VoiceWorker.Consumers;

/// <summary>What the consumers need.</summary>
internal static class ConsumerRegistration
{
    /// <summary>Adds voices, transactions and group commits.</summary>
    public static IServiceCollection AddVoiceDecisions(this IServiceCollection services) => services
        .AddSingleton(provider => new VoiceCatalogue(provider.GetRequiredService<IOptions<VoiceOptions>>().Value))
        .AddSingleton<Retry>()
        .AddSingleton<PendingCalls>()
        .AddGroupCommit<PendingCall, CallVoice, CallTransaction>()
        .AddGroupCommit<PendingChange, ChangeRejection?, ChangeTransaction>();

    private static IServiceCollection AddGroupCommit<TRequest, TResult, TTransaction>(this IServiceCollection services)
        where TTransaction : class, IGroupTransaction<TRequest, TResult> => services
        .AddSingleton<TTransaction>()
        .AddSingleton(provider => new GroupCommit<TRequest, TResult>(
            provider.GetRequiredService<TTransaction>(),
            provider.GetRequiredService<IOptions<GroupCommitOptions>>().Value,
            provider.GetRequiredService<Retry>()));
}
