using Npgsql;
using VoiceWorker.Infrastructure.Servers;
using Xunit;

namespace VoiceWorker.Tests.Fixtures;

/// <summary>A database of the legacy application, by default in its broken state: business without voice_id.</summary>
public sealed class LegacyDatabase : IAsyncDisposable
{
    private const string TablesSql = """
        CREATE TABLE business (id serial PRIMARY KEY, name varchar(255) NOT NULL);
        CREATE TABLE call_log (id serial PRIMARY KEY, call_sid varchar(64), recording_mode varchar(32),
            recording_sid varchar(64), audio_bytes_len bigint, audio_duration_sec double precision,
            transcript_source varchar(32), stream_started_at timestamp, stream_ended_at timestamp,
            recording_count integer DEFAULT 0);
        CREATE TABLE leads (id serial PRIMARY KEY, name text, gender varchar(16));
        """;

    private readonly PostgresServer _server;
    private readonly string _name;
    private readonly bool _isCopy;
    private DatabaseRoles? _roles;

    private LegacyDatabase(PostgresServer server, string name, string connectionString, bool isCopy = false)
    {
        (_server, _name, _isCopy) = (server, name, isCopy);
        ConnectionString = connectionString;
    }

    /// <summary>As the administrator.</summary>
    public string ConnectionString { get; }

    /// <summary>As another role.</summary>
    public string As(string role, string password) => new NpgsqlConnectionStringBuilder(ConnectionString)
    {
        Username = role, Password = password,
    }.ConnectionString;

    /// <summary>As the role that the worker runs as, of docs/roles.sql; only when it was created migrated.</summary>
    public string WorkerConnectionString => _roles!.WorkerConnectionString;

    /// <summary>The name of that role.</summary>
    public string WorkerName => new NpgsqlConnectionStringBuilder(WorkerConnectionString).Username!;

    /// <summary>As the role that migrates, of docs/roles.sql; only when it was created migrated.</summary>
    public string MigratorConnectionString => _roles!.MigratorConnectionString;

    /// <summary>Creates it with so many businesses, ids 1, 2, 3 ….</summary>
    public static async Task<LegacyDatabase> CreateAsync(PostgresServer server, int businesses = 3)
    {
        var name = NewName();
        var database = new LegacyDatabase(server, name, await server.CreateDatabaseAsync(name, Token));
        await database.ExecuteAsync(TablesSql + BusinessesSql(businesses));
        return database;
    }

    private static string NewName() => $"voice_test_{Guid.NewGuid():N}";

    private static string BusinessesSql(int count) =>
        $"INSERT INTO business (name) SELECT 'Business ' || n FROM generate_series(1, {count}) AS n;";

    /// <summary>The same in three steps as docs/roles.sql has them: roles, migration, the worker's rights.</summary>
    public static async Task<LegacyDatabase> CreateMigratedAsync(
        PostgresServer server, int businesses = 3, string? password = null)
    {
        var database = await CreateAsync(server, businesses);
        var roles = await database.AddRolesAsync(password);
        await roles.MigrateAsync();
        await roles.ApplyFileAsync();
        return database;
    }

    /// <summary>Another one like it with so many businesses more, and the same roles. Nobody may be connected to this
    /// one.</summary>
    public async Task<LegacyDatabase> CopyAsync(int businesses)
    {
        var name = NewName();
        var copy = new LegacyDatabase(_server, name, await _server.CopyDatabaseAsync(_name, name, Token), isCopy: true);
        copy._roles = _roles?.On(copy);
        await copy.ExecuteAsync(BusinessesSql(businesses));
        return copy;
    }

    /// <summary>The roles of docs/roles.sql before anything is migrated.</summary>
    public async Task<DatabaseRoles> AddRolesAsync(string? password = null) =>
        _roles = await DatabaseRoles.CreateAsync(this, password);

    /// <summary>Lets the worker's role remove what is too old.</summary>
    public Task AllowRetentionAsync() => _roles!.AllowRetentionAsync();

    /// <inheritdoc cref="DatabaseRoles.AddConsoleAsync"/>
    public Task<string> AddConsoleAsync(string name) => _roles!.AddConsoleAsync(name);

    /// <summary>Advisory locks held or waited for in this database.</summary>
    public Task<long> AdvisoryLocksAsync() => ScalarAsync<long>("""
        SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
        WHERE locktype = 'advisory' AND datname = current_database()
        """);

    public async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(Token);
        return connection;
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var connection = await OpenAsync();
        // Filling a large table takes long on a busy machine.
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 300 };
        await command.ExecuteNonQueryAsync(Token);
    }

    /// <summary>The first column of the first row.</summary>
    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var connection = await OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync(Token))!;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DropDatabaseAsync(_name, CancellationToken.None);
        if (_roles is not null && !_isCopy)
            await _server.ExecuteAsync($"DROP ROLE {_roles.Names}", CancellationToken.None);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
