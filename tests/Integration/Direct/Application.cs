using Npgsql;
using VoiceWorker.Persistence.Schema;
using Xunit;

namespace VoiceWorker.Tests.Integration.Direct;

/// <summary>The application on its database: a role that may write its own table and knows nothing of the worker.</summary>
internal sealed class Application : IAsyncDisposable
{
    private readonly LegacyDatabase _database;

    private Application(LegacyDatabase database, string role, string password) =>
        (_database, Role, ConnectionString) = (database, role, database.As(role, password));

    /// <summary>Its login.</summary>
    public string Role { get; }

    public string ConnectionString { get; }

    /// <summary>A role of its own.</summary>
    public static async Task<Application> CreateAsync(LegacyDatabase database)
    {
        var application = new Application(database, $"shop_{Guid.NewGuid():N}", Guid.NewGuid().ToString("N"));
        var password = new NpgsqlConnectionStringBuilder(application.ConnectionString).Password;
        await database.ExecuteAsync($"""
            CREATE ROLE {application.Role} LOGIN PASSWORD '{password}';
            GRANT SELECT, INSERT, UPDATE, DELETE ON business TO {application.Role};
            GRANT USAGE ON SEQUENCE business_id_seq TO {application.Role};
            """);
        return application;
    }

    /// <summary>Adds or removes the triggers as the role that migrates does.</summary>
    public static async Task MigrateAsync(LegacyDatabase database, DirectChanges direct = DirectChanges.Capture)
    {
        await using var migrator = new MigratorUnderTest(database.MigratorConnectionString, direct: direct);
        await migrator.ApplyAsync();
    }

    public async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        return connection;
    }

    /// <summary>Statements of one transaction.</summary>
    /// <returns>Rows that were changed.</returns>
    public async Task<int> ExecuteAsync(string sql)
    {
        await using var connection = await OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await _database.ExecuteAsync($"DROP OWNED BY {Role}; DROP ROLE {Role}");
    }
}
