using Microsoft.Extensions.Options;
using VoiceWorker.Health;
using VoiceWorker.Observability;
using VoiceWorker.Persistence.Audit;

namespace VoiceWorker.Relay;

internal static class RelayRegistration
{
    public static IServiceCollection AddAuditRelay(this IServiceCollection services)
    {
        services.AddHealthChecks().AddCheck<RelayHealth>("relay", tags: [HealthEndpoints.ReadyTag]);
        return services
            .AddSingleton(provider => RelayLease.Of(provider.GetRequiredService<IConfiguration>()))
            .AddSingleton<Sequencer>()
            .AddSingleton<SealWriter>()
            .AddSingleton<TrailSealer>()
            .AddSingleton<AuditTopology>()
            .AddSingleton(DestinationOf)
            .AddSingleton<PublishedMemory>()
            .AddSingleton<PublishedHistory>()
            .AddSingleton<HistoryRecovery>()
            .AddSingleton<AuditPublisher>()
            .AddSingleton<AuditRelay>()
            .AddSingleton<RelayHealth>()
            .AddSingleton<RelayService>()
            .AddHostedService(provider => provider.GetRequiredService<RelayService>());
    }

    private static AuditDestination DestinationOf(IServiceProvider provider) => AuditDestination.Relay with
    {
        KnownQueues = [.. provider.GetRequiredService<IOptions<ObservabilityOptions>>().Value.AuditQueues
            .Concat(provider.GetRequiredService<AuditTopology>().Queues).Distinct(StringComparer.Ordinal)],
    };
}

/// <summary>For how long a leader may be silent before PostgreSQL ends its session and another takes over.</summary>
/// <param name="Duration">All that a leader waits for must be shorter.</param>
internal sealed record RelayLease(TimeSpan Duration)
{
    /// <summary>The lease of every worker in service.</summary>
    public static RelayLease Default { get; } = new(RelayLeadership.Lease);

    /// <summary>How long the leader waits for the broker's confirms between two statements.</summary>
    public TimeSpan ConfirmTimeout => Duration * 0.8;

    /// <summary>The default, unless a test that waits for the end of a lease sets <c>Relay:Lease</c>.</summary>
    public static RelayLease Of(IConfiguration configuration) =>
        configuration.GetValue<TimeSpan?>("Relay:Lease") is { } shorter ? new(shorter) : Default;
}
