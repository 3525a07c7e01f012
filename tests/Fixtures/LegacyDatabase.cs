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

    private LegacyDatabase(PostgresServer server, string name, string connectionString)
    {
        (_server, _name) = (server, name);
        ConnectionString = connectionString;
    }

    public string ConnectionString { get; }

    /// <summary>Creates it with so many businesses, ids 1, 2, 3 ….</summary>
    public static async Task<LegacyDatabase> CreateAsync(PostgresServer server, int businesses = 3)
    {
        var name = $"voice_test_{Guid.NewGuid():N}";
        var database = new LegacyDatabase(server, name, await server.CreateDatabaseAsync(name, Token));
        await database.ExecuteAsync(TablesSql);
        await database.ExecuteAsync(
            $"INSERT INTO business (name) SELECT 'Business ' || n FROM generate_series(1, {businesses}) AS n");
        return database;
    }

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
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Token);
    }

    /// <summary>The first column of the first row.</summary>
    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var connection = await OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync(Token))!;
    }

    public async ValueTask DisposeAsync() => await _server.DropDatabaseAsync(_name, CancellationToken.None);

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
