using Npgsql;
using Xunit;

namespace VoiceWorker.Tests.Integration.Verbs.Operators;

/// <summary>An operator with a role of his own: what the optional line of docs/roles.sql gives, and nothing else.</summary>
internal sealed class OperatorRole : IAsyncDisposable
{
    private readonly LegacyDatabase _database;

    private OperatorRole(LegacyDatabase database, string name) => (_database, Name) = (database, name);

    public string Name { get; }

    public string ConnectionString => new NpgsqlConnectionStringBuilder(_database.As(Name, "anna")) { Pooling = false }.ConnectionString;

    public static async Task<OperatorRole> CreateAsync(LegacyDatabase database)
    {
        var role = new OperatorRole(database, $"operator_{Guid.NewGuid():N}");
        var grants = (await DatabaseRoles.ReadFileAsync("voice_migrator", "voice_worker")).Split('\n')
            .Single(line => line.StartsWith("-- GRANT USAGE ON SCHEMA voice TO anna", StringComparison.Ordinal))[3..]
            .Replace("anna", role.Name, StringComparison.Ordinal);
        await database.ExecuteAsync($"CREATE ROLE {role.Name} LOGIN PASSWORD 'anna'; {grants}");
        return role;
    }

    /// <summary>Statements of this role.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Why PostgreSQL refuses it.</summary>
    public async Task<string> RefusalAsync(string sql) =>
        (await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(sql))).SqlState;

    public async ValueTask DisposeAsync() => await _database.ExecuteAsync($"DROP OWNED BY {Name}; DROP ROLE {Name}");
}
