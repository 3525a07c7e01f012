using Microsoft.Extensions.Options;
using VoiceWorker.Bus;
using VoiceWorker.Calls;
using VoiceWorker.Changes;
using VoiceWorker.DeadLetters;
using VoiceWorker.Health;
using VoiceWorker.Observability;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Persistence.Schema;
using VoiceWorker.Relay;
using VoiceWorker.Retention;
using VoiceWorker.Servers;
using VoiceWorker.Voices;

namespace VoiceWorker.Boot;

/// <summary>Registers the rooms of the worker.</summary>
internal static class WorkerHost
{
    private const string DefaultUrl = "http://127.0.0.1:8080";

    /// <summary>Everything, for the verb <c>run</c>: liveness answers as soon as it is started.</summary>
    /// <param name="settings">Command-line settings, such as <c>--Voices:Default=ash</c>.</param>
    /// <param name="addBeside">Adds what runs in the same process.</param>
    public static WebApplication BuildWorker(
        string[] settings, Action<WebApplicationBuilder, string[]>? addBeside = null)
    {
        var builder = Create(settings);
        addBeside?.Invoke(builder, settings);
        builder.AddLogOutput();
        builder.AddTelemetry();
        builder.Services.AddSingleton<BacklogWatch>()
            .AddHostedService(provider => provider.GetRequiredService<BacklogWatch>());
        builder.Services.AddSingleton<Heartbeat>().AddSingleton<ConsumingWatch>()
            .AddHostedService(provider => provider.GetRequiredService<ConsumingWatch>());
        builder.Services.AddSingleton<TopologyWatch>()
            .AddHostedService(provider => provider.GetRequiredService<TopologyWatch>());
        builder.Services.AddVoices();
        builder.Services.AddCalls();
        builder.Services.AddChanges();
        builder.Services.AddBus();
        builder.Services.AddHealth();
        builder.Services.AddHealthChecks().AddCheck<TopologyWatch>("topology", tags: [HealthEndpoints.ReadyTag])
            .AddCheck<ConsumingWatch>("consuming", tags: [HealthEndpoints.ReadyTag]);
        builder.Services.AddAuditRelay();
        builder.Services.AddRetention();
        builder.Services.AddHostedService<UntriedReturn>();
        builder.Services.AddSingleton<Rehearsal>();
        builder.Services.AddSingleton<BootSequence>()
            .AddHostedService(provider => provider.GetRequiredService<BootSequence>());
        builder.Services.AddHostedService<StopSequence>();
        builder.Services.AddOptions<HostOptions>().Configure<IOptions<ShutdownOptions>>(
            (host, shutdown) => host.ShutdownTimeout = shutdown.Value.Timeout + TimeSpan.FromSeconds(5));
        var worker = builder.Build();
        worker.MapHealth();
        worker.MapMetrics();
        return worker;
    }

    /// <summary>Settings and database only, for the verbs that look or migrate.</summary>
    /// <param name="settings">As for <see cref="BuildWorker"/>.</param>
    /// <param name="isPostgresOptional">Whether its connection string may be missing.</param>
    public static WebApplication BuildTools(string[] settings, bool isPostgresOptional = false)
    {
        var builder = CreateTools(settings, isPostgresOptional);
        builder.AddLogToStandardError();
        return builder.Build();
    }

    /// <summary>The same, to be added to.</summary>
    /// <param name="settings">As for <see cref="BuildWorker"/>.</param>
    /// <param name="isPostgresOptional">Whether its connection string may be missing.</param>
    public static WebApplicationBuilder CreateTools(string[] settings, bool isPostgresOptional = false)
    {
        var builder = Create(settings);
        if (isPostgresOptional)
            builder.Services.PostConfigure<ConnectionOptions>(servers => servers.IsPostgresOptional = true);
        builder.Services.AddVoices();
        return builder;
    }

    private static WebApplicationBuilder Create(string[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            Args = settings, ContentRootPath = AppContext.BaseDirectory,
        });
        builder.WebHost.UseKestrelHttpsConfiguration();
        if (string.IsNullOrEmpty(builder.Configuration["urls"]))
            builder.WebHost.UseUrls(DefaultUrl);
        builder.Services.AddSettings();
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton<WorkerMetrics>();
        builder.Services.AddSingleton(provider => new PostgresConnections(
            provider.GetRequiredService<IOptions<ConnectionOptions>>().Value.Postgres,
            provider.GetRequiredService<IOptions<MigrationOptions>>().Value.Schema));
        builder.Services.AddSingleton<EventStore>();
        builder.Services.AddSingleton(provider => ActivatorUtilities.CreateInstance<SchemaMigrator>(
            provider, provider.GetRequiredService<IOptions<MigrationOptions>>().Value,
            provider.GetRequiredService<IOptions<ChangeOptions>>().Value));
        builder.Services.AddSingleton<SchemaCheck>();
        builder.Services.AddSingleton<ServerWait>().AddSingleton<Readiness>().AddSingleton<RightsCheck>();
        builder.Services.AddSingleton<BrokerPolicies>().AddSingleton<PolicyCheck>();
        return builder;
    }
}
