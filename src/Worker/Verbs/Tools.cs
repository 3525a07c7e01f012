using Microsoft.Extensions.Options;
using VoiceWorker.Boot;

namespace VoiceWorker.Verbs;

/// <summary>What the verbs have in common that do not consume.</summary>
internal static class Tools
{
    /// <summary>Checks the settings, asks PostgreSQL once, and hands the services over.</summary>
    public static async Task<int> WithDatabaseAsync(string[] settings, Func<IServiceProvider, Task<int>> act)
    {
        await using var tools = WorkerHost.BuildTools(settings);
        ValidateSettings(tools.Services);
        await tools.Services.GetRequiredService<ServerWait>().ForPostgresAsync(TimeSpan.Zero, CancellationToken.None);
        return await act(tools.Services);
    }

    /// <summary>Every setting of every section, before anything is begun.</summary>
    /// <exception cref="OptionsValidationException">A setting is out of its range.</exception>
    /// <exception cref="SettingsException">A setting is not of its type, or there is none of that name.</exception>
    public static void ValidateSettings(IServiceProvider services)
    {
        var unknown = SettingsRegistration.FindUnknown(services.GetRequiredService<IConfiguration>()).ToList();
        if (unknown.Count > 0)
            throw new SettingsException(string.Join(Environment.NewLine, unknown));
        try
        {
            services.GetRequiredService<IStartupValidator>().Validate();
        }
        catch (InvalidOperationException failure)
        {
            throw new SettingsException(failure.Message);
        }
    }
}
