using Npgsql;
using VoiceWorker.Infrastructure.Servers;

namespace VoiceWorker.Bench;

/// <summary>A database of this run, dropped in the end.</summary>
internal sealed class BenchDatabase(PostgresServer server, string name) : IAsyncDisposable
{
    private static readonly string BusinessesSql = $"""
        TRUNCATE business RESTART IDENTITY CASCADE;
        ALTER TABLE business ADD COLUMN voice_id varchar(32) NOT NULL DEFAULT 'ash';
        INSERT INTO business (name, business_type)
        SELECT 'Business ' || n, 'bench' FROM generate_series(1, {Businesses.Count}) AS n;
        UPDATE business SET voice_id = {Businesses.VoiceSql};
        ANALYZE;
        """;

    // Of statements that may take however long.
    private readonly string _patient = new NpgsqlConnectionStringBuilder(server.ConnectionString)
    {
        Database = name, Pooling = false, CommandTimeout = 0,
    }.ConnectionString;

    public string Name => name;

    /// <summary>For the system under test.</summary>
    public string ConnectionString { get; } =
        new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = name }.ConnectionString;

    public static string NextName() => $"bench_{Guid.NewGuid():N}";

    /// <summary>That of the legacy application with 1,000 businesses, the column voice_id already there.</summary>
    public static async Task<BenchDatabase> CreateAsync(PostgresServer server, CancellationToken cancellationToken)
    {
        using var legacy = new StreamReader(
            typeof(BenchDatabase).Assembly.GetManifestResourceStream("legacy.sql")!);
        var database = new BenchDatabase(server, NextName());
        await server.CreateDatabaseAsync(database.Name, cancellationToken);
        await database.ExecuteAsync(await legacy.ReadToEndAsync(cancellationToken) + BusinessesSql, cancellationToken);
        return database;
    }

    public async Task<NpgsqlConnection> OpenAsync(string application, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection($"{_patient};Application Name={application}");
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    public async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(_patient);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task<T> ScalarAsync<T>(string sql, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(_patient);
        await using var command = source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Rows of two columns, as key and value.</summary>
    public async Task<Dictionary<TKey, TValue>> ReadAsync<TKey, TValue>(string sql, CancellationToken cancellationToken)
        where TKey : notnull
    {
        await using var source = NpgsqlDataSource.Create(_patient);
        await using var command = source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new Dictionary<TKey, TValue>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(reader.GetFieldValue<TKey>(0), reader.GetFieldValue<TValue>(1));
        return rows;
    }

    public async ValueTask DisposeAsync() => await server.DropDatabaseAsync(name, CancellationToken.None);
}
