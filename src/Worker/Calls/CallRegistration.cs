using VoiceWorker.Bus;
using VoiceWorker.Commit;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;
using VoiceWorker.Servers;

namespace VoiceWorker.Calls;

/// <summary>The use case: a call gets its voice.</summary>
internal static class CallRegistration
{
    /// <summary>Adds its transaction and its endpoint.</summary>
    public static IServiceCollection AddCalls(this IServiceCollection services) => services
        .AddGroupCommit<PendingCall, CallVoice, CallTransaction>("calls", metrics => metrics.Called)
        .AddSingleton<PendingCalls>()
        .AddInput<CallStarted, CallStartedConsumer>(
            InputQueue.CallStarted, ContractsJson.Default.CallStarted, EnvelopeJson.Default.EnvelopeCallStarted);
}
