using VoiceWorker.Bus;
using VoiceWorker.Calls;
using VoiceWorker.Commit;
using VoiceWorker.Observability;
using VoiceWorker.Persistence.Schema;
using VoiceWorker.Relay;
using VoiceWorker.Retention;
using VoiceWorker.Servers;
using VoiceWorker.Voices;

namespace VoiceWorker.Boot;

/// <summary>Every section of the settings, checked at the start as a whole.</summary>
internal static class SettingsRegistration
{
    /// <summary>The worker's own sections, with the class that has the names in them.</summary>
    public static IReadOnlyDictionary<string, Type> Sections { get; } =
        new Dictionary<string, Type>(StringComparer.OrdinalIgnoreCase)
    {
        ["ConnectionStrings"] = typeof(ConnectionOptions),
        ["Voices"] = typeof(VoiceOptions),
        ["Migration"] = typeof(MigrationOptions),
        ["Replies"] = typeof(ReplyOptions),
        ["Audit"] = typeof(AuditOptions),
        ["Retention"] = typeof(RetentionOptions),
        ["Bus"] = typeof(BusOptions),
        ["GroupCommit"] = typeof(GroupCommitOptions),
        ["Boot"] = typeof(BootOptions),
        ["Shutdown"] = typeof(ShutdownOptions),
        ["Observability"] = typeof(ObservabilityOptions),
    };

    /// <summary>Binds and validates them.</summary>
    public static void AddSettings(this IServiceCollection services)
    {
        services.AddSection<ConnectionOptions>();
        services.AddSection<VoiceOptions>();
        services.AddSection<MigrationOptions>();
        services.AddSection<ReplyOptions>();
        services.AddSection<AuditOptions>();
        services.AddSection<RetentionOptions>();
        services.AddSection<BusOptions>();
        services.AddSection<GroupCommitOptions>();
        services.AddSection<BootOptions>();
        services.AddSection<ShutdownOptions>();
        services.AddSection<ObservabilityOptions>();
    }

    /// <summary>Settings that no section has: a misspelt name would otherwise leave the default in force.</summary>
    /// <param name="configuration">Everything that was given.</param>
    public static IEnumerable<string> FindUnknown(IConfiguration configuration)
    {
        foreach (var (section, options) in Sections)
        {
            var known = options.GetProperties().Select(property => property.Name).ToList();
            foreach (var given in configuration.GetSection(section).GetChildren())
            {
                if (!known.Contains(given.Key, StringComparer.OrdinalIgnoreCase))
                    yield return $"{section}:{given.Key} is not known; {section} has {string.Join(", ", known)}.";
            }
        }
    }

    private static void AddSection<T>(this IServiceCollection services) where T : class => services
        .AddOptions<T>()
        .BindConfiguration(Sections.Single(section => section.Value == typeof(T)).Key)
        .ValidateDataAnnotations()
        .ValidateOnStart();
}
