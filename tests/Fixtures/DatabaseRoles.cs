using System.Runtime.CompilerServices;
using Xunit;

namespace VoiceWorker.Tests.Fixtures;

/// <summary>The roles of docs/roles.sql for one database, made by that very file; their names are this database's own.</summary>
public sealed class DatabaseRoles
{
    private readonly LegacyDatabase _database;
    private readonly string _suffix;
    private readonly string _password;

    private DatabaseRoles(LegacyDatabase database, string suffix, string password) =>
        (_database, _suffix, _password) = (database, suffix, password);

    /// <summary>As the role that migrates.</summary>
    public string MigratorConnectionString => Connection(MigratorName);

    /// <summary>As the role that the worker runs as.</summary>
    public string WorkerConnectionString => Connection(WorkerName);

    /// <summary>For DROP ROLE once the database is gone.</summary>
    public string Names => $"{MigratorName}, {WorkerName}, {ApplicationName}";

    private string MigratorName => $"voice_migrator_{_suffix}";

    private string WorkerName => $"voice_worker_{_suffix}";

    private string ApplicationName => $"application_{_suffix}";

    /// <summary>Makes the roles on a database that belongs to an application's role, as in real life.</summary>
    public static async Task<DatabaseRoles> CreateAsync(LegacyDatabase database, string? password = null)
    {
        var roles = new DatabaseRoles(database, Guid.NewGuid().ToString("N"), password ?? Guid.NewGuid().ToString("N"));
        await database.ExecuteAsync($"""
            CREATE ROLE {roles.ApplicationName};
            ALTER TABLE business OWNER TO {roles.ApplicationName};
            ALTER TABLE call_log OWNER TO {roles.ApplicationName};
            ALTER TABLE leads OWNER TO {roles.ApplicationName};
            """);
        await roles.ApplyFileAsync();
        await database.ExecuteAsync($"""
            ALTER ROLE {roles.MigratorName} PASSWORD '{roles._password}';
            ALTER ROLE {roles.WorkerName} PASSWORD '{roles._password}';
            """);
        return roles;
    }

    /// <summary>The same roles on a copy of their database, which has their rights on all that is in it.</summary>
    public DatabaseRoles On(LegacyDatabase copy) => new(copy, _suffix, _password);

    /// <summary>Runs docs/roles.sql: makes what is missing.</summary>
    public async Task ApplyFileAsync() => await _database.ExecuteAsync(await ReadFileAsync(MigratorName, WorkerName));

    /// <summary>docs/roles.sql for roles of other names.</summary>
    public static async Task<string> ReadFileAsync(string migrator, string worker) =>
        (await File.ReadAllTextAsync(RepositoryFile("docs/roles.sql"), TestContext.Current.CancellationToken))
        .Replace("voice_migrator", migrator, StringComparison.Ordinal)
        .Replace("voice_worker", worker, StringComparison.Ordinal);

    /// <summary>Makes the role of a console and runs docs/roles.sql again, as it says; returns how a console connects.</summary>
    public async Task<string> AddConsoleAsync(string name)
    {
        await _database.ExecuteAsync($"CREATE ROLE {name} LOGIN PASSWORD '{_password}'");
        await _database.ExecuteAsync((await ReadFileAsync(MigratorName, WorkerName)).Replace("voice_console", name, StringComparison.Ordinal));
        return Connection(name);
    }

    /// <summary>Runs the line of docs/roles.sql that lets the worker remove what is too old.</summary>
    public async Task AllowRetentionAsync()
    {
        var lines = await File.ReadAllLinesAsync(RepositoryFile("docs/roles.sql"), TestContext.Current.CancellationToken);
        var grant = lines.Single(line => line.StartsWith("-- GRANT EXECUTE ON FUNCTION voice.remove", StringComparison.Ordinal));
        await _database.ExecuteAsync(grant[3..].Replace("voice_worker", WorkerName, StringComparison.Ordinal));
    }

    /// <summary>Migrates as the migrator.</summary>
    public async Task MigrateAsync()
    {
        await using var migrator = new MigratorUnderTest(MigratorConnectionString);
        await migrator.ApplyAsync();
    }

    private string Connection(string role) => _database.As(role, _password);

    private static string RepositoryFile(string name, [CallerFilePath] string thisFile = "") =>
        Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", name);
}
