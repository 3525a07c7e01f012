using VoiceWorker.Health;
using VoiceWorker.Persistence.Audit;

namespace VoiceWorker.Relay;

/// <summary>What the relay needs.</summary>
internal static class RelayRegistration
{
    /// <summary>Adds the relay and its service.</summary>
    public static IServiceCollection AddAuditRelay(this IServiceCollection services)
    {
        services.AddHealthChecks().AddCheck<RelayHealth>("relay", tags: [HealthEndpoints.ReadyTag]);
        return services
            .AddSingleton(provider => RelayLease.Of(provider.GetRequiredService<IConfiguration>()))
            .AddSingleton<Sequencer>()
            .AddSingleton<AuditTopology>()
            .AddSingleton(AuditDestination.Relay)
            .AddSingleton<AuditPublisher>()
            .AddSingleton<AuditRelay>()
            .AddSingleton<RelayHealth>()
            .AddSingleton<RelayService>()
            .AddHostedService(provider => provider.GetRequiredService<RelayService>());
    }
}
