using Npgsql;
using VoiceWorker.Bench.Work;

namespace VoiceWorker.Bench.Systems;

/// <summary>A database of the legacy application with 1,000 businesses, the column voice_id already there.</summary>
internal sealed class BenchDatabase : IAsyncDisposable
{
    private static readonly string BusinessesSql = $"""
        TRUNCATE business RESTART IDENTITY CASCADE;
        ALTER TABLE business ADD COLUMN voice_id varchar(32) NOT NULL DEFAULT 'ash';
        INSERT INTO business (name, business_type) SELECT 'Business ' || n, 'bench' FROM generate_series(1, {Businesses.Count}) AS n;
        UPDATE business SET voice_id = {Businesses.VoiceSql};
        """;

    private readonly BenchServers _servers;
    private readonly string _name;

    private BenchDatabase(BenchServers servers, string name, string connectionString) =>
        (_servers, _name, ConnectionString) = (servers, name, connectionString);

    public string ConnectionString { get; }

    public static async Task<BenchDatabase> CreateAsync(BenchServers servers, CancellationToken cancellationToken)
    {
        var name = $"bench_{Guid.NewGuid():N}";
        var database = new BenchDatabase(servers, name, await servers.Postgres.CreateDatabaseAsync(name, cancellationToken));
        await database.ExecuteAsync(LegacySql() + BusinessesSql + "ANALYZE;", cancellationToken);
        return database;
    }

    /// <summary>However long it takes.</summary>
    public async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Rows of two columns, as key and value.</summary>
    public async Task<Dictionary<TKey, TValue>> ReadAsync<TKey, TValue>(string sql, CancellationToken cancellationToken)
        where TKey : notnull
    {
        await using var connection = await OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new Dictionary<TKey, TValue>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(reader.GetFieldValue<TKey>(0), reader.GetFieldValue<TValue>(1));
        return rows;
    }

    public async ValueTask DisposeAsync() => await _servers.Postgres.DropDatabaseAsync(_name, CancellationToken.None);

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    private static string LegacySql()
    {
        using var reader = new StreamReader(typeof(BenchDatabase).Assembly.GetManifestResourceStream("legacy.sql")!);
        return reader.ReadToEnd();
    }
}
