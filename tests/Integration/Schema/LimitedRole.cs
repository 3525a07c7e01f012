using Npgsql;

namespace VoiceWorker.Tests.Integration.Schema;

/// <summary>A role that may look at the catalog and at nothing else.</summary>
internal sealed class LimitedRole : IAsyncDisposable
{
    private readonly LegacyDatabase _database;
    private readonly string _name;

    private LimitedRole(LegacyDatabase database, string name, string password) =>
        (_database, _name, ConnectionString) = (database, name, database.As(name, password));

    public string ConnectionString { get; }

    public static async Task<LimitedRole> CreateAsync(LegacyDatabase database)
    {
        var password = Guid.NewGuid().ToString("N");
        var role = new LimitedRole(database, $"limited_{Guid.NewGuid():N}", password);
        await database.ExecuteAsync($"""
            CREATE ROLE {role._name} LOGIN PASSWORD '{password}';
            DO $$ BEGIN
                IF to_regnamespace('voice') IS NOT NULL THEN
                    GRANT USAGE ON SCHEMA voice, voice_audit TO {role._name};
                    GRANT SELECT ON ALL TABLES IN SCHEMA voice, voice_audit TO {role._name};
                END IF;
            END $$
            """);
        return role;
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await _database.ExecuteAsync($"DROP OWNED BY {_name}; DROP ROLE {_name}");
    }
}
