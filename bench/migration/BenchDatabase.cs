using Npgsql;
using VoiceWorker.Infrastructure.Servers;

namespace VoiceWorker.MigrationBench;

/// <summary>A copy of one large database, made anew for each scenario.</summary>
internal sealed class BenchDatabase : IAsyncDisposable
{
    private const string Template = "bench_template";

    private readonly PostgresServer _server;
    private readonly string _name;

    private BenchDatabase(PostgresServer server, string name, int rows)
    {
        (_server, _name, Rows) = (server, name, rows);
        ConnectionString = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = name }.ConnectionString;
    }

    public string ConnectionString { get; }

    public int Rows { get; }

    /// <summary>Makes the template: business without voice_id, and the other critical columns.</summary>
    public static async Task PrepareAsync(PostgresServer server, int rows)
    {
        var template = new BenchDatabase(server, Template, rows);
        await server.CreateDatabaseAsync(Template, CancellationToken.None);
        await template.ExecuteAsync($"""
            CREATE TABLE business (id serial PRIMARY KEY, name varchar(255) NOT NULL);
            CREATE TABLE call_log (id serial PRIMARY KEY, recording_mode varchar(32), recording_sid varchar(64), audio_bytes_len bigint,
                audio_duration_sec double precision, transcript_source varchar(32), stream_started_at timestamp,
                stream_ended_at timestamp, recording_count integer);
            CREATE TABLE leads (id serial PRIMARY KEY, gender varchar(16));
            INSERT INTO business (name) SELECT 'Business ' || n FROM generate_series(1, {rows}) AS n;
            """);
        await template.ExecuteAsync("VACUUM (FREEZE, ANALYZE) business");
    }

    /// <summary>A copy, with the column in the state that <paramref name="prepare"/> leaves it in.</summary>
    public static async Task<BenchDatabase> CreateAsync(PostgresServer server, int rows, string prepare)
    {
        var database = new BenchDatabase(server, $"bench_{Guid.NewGuid():N}", rows);
        await new BenchDatabase(server, "postgres", rows).ExecuteAsync(
            $"CREATE DATABASE {database._name} TEMPLATE {Template} STRATEGY FILE_COPY");
        if (prepare != "")
        {
            await database.ExecuteAsync(prepare);
            await database.ExecuteAsync("VACUUM ANALYZE business");
        }

        await database.ExecuteAsync("CHECKPOINT");
        return database;
    }

    public async Task<NpgsqlConnection> OpenAsync(string application)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(ConnectionString)
        {
            Pooling = false, ApplicationName = application, CommandTimeout = 0,
        }.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var connection = await OpenAsync("bench");
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var connection = await OpenAsync("bench");
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync() => await _server.DropDatabaseAsync(_name, CancellationToken.None);
}
