using Npgsql;
using VoiceWorker.Infrastructure.Servers;
using Xunit;

namespace VoiceWorker.Tests.Integration.Schema;

/// <summary>The application's database as a provider manages it: nobody is a superuser, one role owns everything and
/// may make others, row security is on, and the only way to it is a pooler in session mode.</summary>
internal sealed class ManagedDatabase : IAsyncDisposable
{
    private readonly PostgresServer _server;
    private readonly string _suffix;
    private readonly string _password;
    private readonly LocalPgBouncer _pooler;

    private ManagedDatabase(
        PostgresServer server, LegacyDatabase database, LocalPgBouncer pooler, string suffix, string password) =>
        (_server, Database, _pooler, _suffix, _password) = (server, database, pooler, suffix, password);

    /// <summary>As its provider sees it.</summary>
    public LegacyDatabase Database { get; }

    /// <summary>The application's own role.</summary>
    public string Owner => _pooler.Through(Database.As(OwnerName, _password));

    /// <summary>The role that the worker runs as.</summary>
    public string Worker => _pooler.Through(Database.As(WorkerName, _password));

    private string OwnerName => $"owner_{_suffix}";

    private string MigratorName => $"migrator_{_suffix}";

    private string WorkerName => $"worker_{_suffix}";

    public static async Task<ManagedDatabase> CreateAsync(PostgresServer server, int businesses)
    {
        var database = await LegacyDatabase.CreateAsync(server, businesses);
        var (suffix, password) = (Guid.NewGuid().ToString("N"), Guid.NewGuid().ToString("N"));
        var owner = $"owner_{suffix}";
        await database.ExecuteAsync($"""
            CREATE ROLE {owner} LOGIN CREATEROLE NOSUPERUSER PASSWORD '{password}';
            DO $$ BEGIN EXECUTE format('ALTER DATABASE %I OWNER TO {owner}', current_database()); END $$;
            ALTER TABLE business OWNER TO {owner};
            ALTER TABLE call_log OWNER TO {owner};
            ALTER TABLE leads OWNER TO {owner};
            ALTER TABLE business ENABLE ROW LEVEL SECURITY;
            CREATE POLICY own ON business USING (id = current_setting('app.tenant', true)::int);
            """);
        var pooler = await LocalPgBouncer.LaunchAsync(
            database.As(owner, password), "session", new ServerOptions(), Token, "",
            database.As($"worker_{suffix}", password), database.As($"migrator_{suffix}", password));
        return new ManagedDatabase(server, database, pooler, suffix, password);
    }

    /// <summary>Runs docs/roles.sql as the owner, and gives the worker's role its password.</summary>
    public async Task ApplyRolesAsync()
    {
        await ExecuteAsync(await DatabaseRoles.ReadFileAsync(MigratorName, WorkerName));
        await ExecuteAsync($"ALTER ROLE {WorkerName} PASSWORD '{_password}'");
    }

    /// <summary>Runs statements as the owner, through the pooler.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var connection = await OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Token);
    }

    /// <summary>A session of the owner, through the pooler.</summary>
    public async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection(Owner + ";Pooling=false");
        await connection.OpenAsync(Token);
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        await _pooler.DisposeAsync();
        await Database.DisposeAsync();
        await _server.ExecuteAsync(
            $"DROP ROLE IF EXISTS {WorkerName}, {MigratorName}, {OwnerName}", CancellationToken.None);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
