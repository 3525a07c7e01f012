using Microsoft.Extensions.Options;
using Npgsql;
using RabbitMQ.Client;
using VoiceWorker.Boot;
using VoiceWorker.Servers;

namespace VoiceWorker.Verbs.Shell;

/// <summary>What the verbs have in common that do not consume.</summary>
internal static class Tools
{
    /// <summary>A verb says itself what it does; a setting given by hand comes later and wins.</summary>
    public const string QuietLog = "--Logging:LogLevel:VoiceWorker=Warning";

    /// <summary>Checks the settings and hands the services over; no server is asked.</summary>
    public static async Task<int> WithoutServersAsync(string[] settings, Func<IServiceProvider, Task<int>> act)
    {
        await using var tools = WorkerHost.BuildTools([QuietLog, .. settings]);
        ValidateSettings(tools.Services);
        return await act(tools.Services);
    }

    /// <summary>Checks the settings, asks PostgreSQL once, and hands the services over.</summary>
    public static Task<int> WithDatabaseAsync(string[] settings, Func<IServiceProvider, Task<int>> act) =>
        WithoutServersAsync(settings, async services =>
        {
            await services.GetRequiredService<ServerWait>().ForPostgresAsync(TimeSpan.Zero, CancellationToken.None);
            return await act(services);
        });

    /// <summary>The same for what needs the worker's own tables: where one is missing, or of an earlier version, says
    /// what the schema lacks.</summary>
    public static Task<int> WithSchemaAsync(string[] settings, Func<IServiceProvider, Task<int>> act) =>
        WithDatabaseAsync(settings, async services =>
        {
            try
            {
                return await act(services);
            }
            catch (PostgresException missing) when (missing.SqlState is PostgresErrorCodes.UndefinedTable
                or PostgresErrorCodes.UndefinedColumn or PostgresErrorCodes.UndefinedFunction
                or PostgresErrorCodes.InvalidSchemaName)
            {
                await services.GetRequiredService<SchemaCheck>().EnsureAsync(CancellationToken.None);
                throw;
            }
        });

    /// <summary>Checks the settings and hands a connection to RabbitMQ over; PostgreSQL is not needed.</summary>
    public static async Task<int> WithBrokerAsync(string[] settings, Func<IServiceProvider, IConnection, Task<int>> act)
    {
        await using var tools = WorkerHost.BuildTools([QuietLog, .. settings], isPostgresOptional: true);
        ValidateSettings(tools.Services);
        var wait = tools.Services.GetRequiredService<ServerWait>();
        await using var connection = await wait.ForRabbitMqAsync(
            "voice-worker tools", TimeSpan.Zero, CancellationToken.None);
        try
        {
            return await act(tools.Services, connection);
        }
        catch (Exception failure) when (!connection.IsOpen)
        {
            throw wait.BrokerLost(failure);
        }
    }

    /// <summary>Every setting of every section, before anything is begun.</summary>
    /// <exception cref="OptionsValidationException">A setting is out of its range.</exception>
    /// <exception cref="SettingsException">A setting is not of its type, or there is none of that name.</exception>
    public static void ValidateSettings(IServiceProvider services)
    {
        var unusable = SettingSections.FindUnusable(services.GetRequiredService<IConfiguration>()).ToList();
        if (unusable.Count > 0)
            throw new SettingsException(string.Join(Environment.NewLine, unusable));
        services.GetRequiredService<IStartupValidator>().Validate();
    }
}
