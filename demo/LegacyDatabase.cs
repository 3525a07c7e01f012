using System.Data;
using Npgsql;
using VoiceWorker.Infrastructure.Servers;

namespace VoiceWorker.Demo;

/// <summary>The legacy application's database, and what the application itself does with it.</summary>
internal sealed class LegacyDatabase(PostgresServer server)
{
    public const string Name = "legacy_demo";

    // As SQLAlchemy sends it for the model Business, which has voice_id whatever the table has.
    private const string BusinessQuery = """
        SELECT business.id AS business_id, business.name AS business_name,
               business.business_type AS business_business_type, business.is_active AS business_is_active,
               business.voice_id AS business_voice_id
        FROM business ORDER BY business.id
        """;

    // The application writes what it likes: a form that was left empty, a voice that no longer exists.
    private const string CarelessWrites = """
        UPDATE business SET voice_id = '' WHERE id = 3;
        UPDATE business SET voice_id = 'hal9000' WHERE id = 4;
        """;

    /// <summary>With the password.</summary>
    public string ConnectionString { get; } =
        new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = Name }.ConnectionString;

    /// <summary>Creates it in its broken state, unless an earlier run has left it; then it returns true.</summary>
    public async Task<bool> CreateAsync(bool anew, CancellationToken cancellationToken)
    {
        if (anew)
            await server.DropDatabaseAsync(Name, cancellationToken);
        await server.CreateDatabaseAsync(Name, cancellationToken);
        if (await FindsAsync("SELECT 1 FROM pg_class WHERE oid = to_regclass('business')", cancellationToken))
            return true;
        await QueryAsync(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "legacy.sql")), cancellationToken);
        return false;
    }

    /// <summary>Shows the query and what PostgreSQL says to it.</summary>
    /// <exception cref="InvalidOperationException">It does not fail.</exception>
    public async Task ShowFailureAsync(CancellationToken cancellationToken)
    {
        Screen.Block(BusinessQuery, "blue");
        try
        {
            await QueryAsync(BusinessQuery, cancellationToken);
        }
        catch (PostgresException failure) when (failure.SqlState == PostgresErrorCodes.UndefinedColumn)
        {
            Screen.Block($"UndefinedColumn ({failure.SqlState}): {failure.MessageText}", "red");
            Screen.Block(Excerpt(failure.Position), "red");
            return;
        }

        throw new InvalidOperationException("The query was to fail with UndefinedColumn, and did not");
    }

    public async Task ShowBusinessesAsync(CancellationToken cancellationToken) =>
        Screen.Table(await QueryAsync(BusinessQuery, cancellationToken));

    /// <summary>By business.</summary>
    public async Task<IReadOnlyDictionary<int, string>> VoicesAsync(CancellationToken cancellationToken) =>
        (await QueryAsync("SELECT id, voice_id FROM business", cancellationToken)).AsEnumerable()
            .ToDictionary(row => (int)row[0], row => (string)row[1]);

    /// <summary>The application stores a blank voice for business 3 and an unknown one for business 4.</summary>
    public Task WriteCarelesslyAsync(CancellationToken cancellationToken) =>
        QueryAsync(CarelessWrites, cancellationToken);

    /// <summary>Whether the worker has decided anything here before.</summary>
    public Task<bool> HasHistoryAsync(CancellationToken cancellationToken) =>
        FindsAsync("SELECT 1 FROM voice.call_voice LIMIT 1", cancellationToken);

    private async Task<bool> FindsAsync(string sql, CancellationToken cancellationToken) =>
        (await QueryAsync(sql, cancellationToken)).Rows.Count > 0;

    private async Task<DataTable> QueryAsync(string sql, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(ConnectionString);
        await using var command = source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var table = new DataTable();
        table.Load(reader);
        return table;
    }

    // PostgreSQL counts characters of the whole query from 1.
    private static string Excerpt(int position)
    {
        var before = BusinessQuery[..(position - 1)].Split('\n');
        var label = $"LINE {before.Length}: ";
        var pointer = new string(' ', label.Length + before[^1].Length) + "^";
        return $"{label}{BusinessQuery.Split('\n')[before.Length - 1]}\n{pointer}";
    }
}
