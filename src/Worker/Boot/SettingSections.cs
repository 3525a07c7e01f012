using Microsoft.Extensions.Options;
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

/// <summary>Every section of the settings, bound and checked at the start as a whole.</summary>
internal static class SettingSections
{
    private static readonly Section[] All =
    [
        Of<ConnectionOptions>("ConnectionStrings"), Of<VoiceOptions>("Voices"), Of<MigrationOptions>("Migration"),
        Of<ChangeOptions>("Changes"),
        Of<ReplyOptions>("Replies"), Of<AuditOptions>("Audit"), Of<RetentionOptions>("Retention"),
        Of<BusOptions>("Bus"), Of<GroupCommitOptions>("GroupCommit"), Of<BootOptions>("Boot"),
        Of<ShutdownOptions>("Shutdown"), Of<ObservabilityOptions>("Observability"), Of<ConsoleOptions>("Console"),
    ];

    /// <summary>The worker's own sections, with the class that has the names in them.</summary>
    public static IReadOnlyDictionary<string, Type> Types { get; } = All.ToDictionary(
        section => section.Name, section => section.Options, StringComparer.OrdinalIgnoreCase);

    /// <summary>Binds and validates them.</summary>
    public static void AddSettings(this IServiceCollection services)
    {
        foreach (var section in All)
            section.AddTo(services);
    }

    /// <summary>Settings that no section has: a misspelt name would otherwise leave the default in force; and values
    /// that are not of the type of their setting.</summary>
    /// <param name="configuration">Everything that was given.</param>
    public static IEnumerable<string> FindUnusable(IConfiguration configuration) =>
        All.SelectMany(section => FindUnusable(configuration.GetSection(section.Name), section.Name, section.Options));

    private static IEnumerable<string> FindUnusable(IConfigurationSection section, string name, Type options)
    {
        var known = options.GetProperties();
        foreach (var given in section.GetChildren())
        {
            var property = Array.Find(
                known, setting => setting.Name.Equals(given.Key, StringComparison.OrdinalIgnoreCase));
            if (property is null)
            {
                yield return $"{name}:{given.Key} is not known; {name} has "
                    + $"{string.Join(", ", known.Select(setting => setting.Name))}.";
            }
            else if (property.PropertyType is { IsClass: true } inside
                && inside.Assembly == typeof(SettingSections).Assembly)
            {
                foreach (var inner in FindUnusable(given, $"{name}:{property.Name}", property.PropertyType))
                    yield return inner;
            }
            else if (SettingRules.FindUnreadable(name, property, given.Value) is { } unreadable)
            {
                yield return unreadable;
            }
        }
    }

    private static Section Of<T>(string name) where T : class => new(name, typeof(T), services =>
    {
        services.AddOptions<T>().BindConfiguration(name).ValidateOnStart();
        services.AddSingleton<IValidateOptions<T>>(new Validator<T>(name));
    });

    private sealed record Section(string Name, Type Options, Action<IServiceCollection> AddTo);

    private sealed class Validator<T>(string section) : IValidateOptions<T> where T : class
    {
        public ValidateOptionsResult Validate(string? name, T options) =>
            SettingRules.FindBroken(section, options).ToList() is { Count: > 0 } broken
                ? ValidateOptionsResult.Fail(broken) : ValidateOptionsResult.Success;
    }
}
