using VoiceWorker.Bus;
using VoiceWorker.Commit;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;
using VoiceWorker.Servers;

namespace VoiceWorker.Changes;

/// <summary>The use case: a business gets another voice.</summary>
internal static class ChangeRegistration
{
    /// <summary>Adds its transaction and its endpoint.</summary>
    public static IServiceCollection AddChanges(this IServiceCollection services) => services
        .AddSingleton<ChangesAhead>()
        .AddGroupCommit<PendingChange, ChangeRejection?, ChangeTransaction>("changes", metrics => metrics.Changed)
        .AddInput<BusinessVoiceChanged, BusinessVoiceChangedConsumer>(
            InputQueue.BusinessVoiceChanged, ContractsJson.Default.BusinessVoiceChanged,
            EnvelopeJson.Default.EnvelopeBusinessVoiceChanged);
}
