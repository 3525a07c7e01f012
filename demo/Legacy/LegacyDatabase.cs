using Npgsql;
using VoiceWorker.Infrastructure.Servers;

namespace VoiceWorker.Demo.Legacy;

/// <summary>The legacy application's database, and what the application itself does with it.</summary>
internal sealed class LegacyDatabase
{
    public const string Name = "legacy_demo";

    // As SQLAlchemy sends it for the model Business, which has voice_id whatever the table has.
    public const string BusinessQuery = """
        SELECT business.id AS business_id, business.name AS business_name, business.business_type AS business_business_type,
               business.is_active AS business_is_active, business.voice_id AS business_voice_id
        FROM business ORDER BY business.id
        """;

    // The application writes what it likes: a form that was left empty, a voice that no longer exists.
    private const string CarelessWritesSql = """
        UPDATE business SET voice_id = '' WHERE id = 3;
        UPDATE business SET voice_id = 'hal9000' WHERE id = 4;
        """;

    /// <summary>The database on a server, whether it is there or not.</summary>
    public LegacyDatabase(PostgresServer server) => ConnectionString =
        new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = Name }.ConnectionString;

    /// <summary>With the password.</summary>
    public string ConnectionString { get; }

    /// <summary>Drops it and creates it in its broken state.</summary>
    public static async Task<LegacyDatabase> RecreateAsync(PostgresServer server, CancellationToken cancellationToken)
    {
        await server.DropDatabaseAsync(Name, cancellationToken);
        await server.CreateDatabaseAsync(Name, cancellationToken);
        var database = new LegacyDatabase(server);
        using var script = new StreamReader(typeof(LegacyDatabase).Assembly.GetManifestResourceStream("legacy.sql")!);
        await database.ExecuteAsync(await script.ReadToEndAsync(cancellationToken), cancellationToken);
        return database;
    }

    /// <summary>The columns and rows of <see cref="BusinessQuery"/>.</summary>
    /// <exception cref="PostgresException">42703 before the migration.</exception>
    public async Task<(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows)> LoadBusinessesAsync(
        CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(BusinessQuery, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<IReadOnlyList<string>>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(column => $"{reader.GetValue(column)}")]);
        return ([.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetName)], rows);
    }

    /// <summary>The application stores a blank voice for business 3 and an unknown one for business 4.</summary>
    public Task WriteCarelesslyAsync(CancellationToken cancellationToken) => ExecuteAsync(CarelessWritesSql, cancellationToken);

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        // A pooled connection would not survive that its database is dropped.
        var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }
}
