using Npgsql;

namespace VoiceWorker.Infrastructure.Servers;

/// <summary>A PostgreSQL server on which databases can be created.</summary>
public abstract class PostgresServer : IAsyncDisposable
{
    /// <summary>The administrator, in the database that is always there.</summary>
    public abstract string ConnectionString { get; }

    /// <summary>The same without anything in between.</summary>
    protected virtual string Administration => ConnectionString;

    /// <summary>
    /// Finds the server of <c>VOICE_POSTGRES</c>, or starts one in Docker, or from local binaries;
    /// <c>VOICE_SERVERS=docker|local</c> forces one of the last two.
    /// </summary>
    /// <exception cref="ServerUnavailableException">None can be had; the message names all that was tried.</exception>
    public static Task<PostgresServer> FindAsync(ServerOptions options, CancellationToken cancellationToken) =>
        new ServerSearch<PostgresServer>("PostgreSQL", options.Progress)
        {
            Variable = "VOICE_POSTGRES",
            Given = async (connectionString, token) => await GivenPostgres.ConnectAsync(connectionString, token),
            Container = async token => await ContainerPostgres.LaunchAsync(options, token),
            Local = async token => await LocalPostgres.LaunchAsync(options, token),
        }.FindAsync(cancellationToken);

    /// <summary>Creates the database unless it is there; returns its connection string.</summary>
    public async Task<string> CreateDatabaseAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteAsync($"CREATE DATABASE {Quote(name)} TEMPLATE template0", cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.DuplicateDatabase)
        {
        }

        return At(name);
    }

    /// <summary>Creates a database as a copy of one that nobody is connected to; returns its connection string.</summary>
    public virtual async Task<string> CopyDatabaseAsync(
        string original, string name, CancellationToken cancellationToken)
    {
        await ExecuteAsync($"CREATE DATABASE {Quote(name)} TEMPLATE {Quote(original)}", cancellationToken);
        return At(name);
    }

    private string At(string database) =>
        new NpgsqlConnectionStringBuilder(ConnectionString) { Database = database }.ConnectionString;

    /// <summary>Drops the database if it is there, and ends its sessions.</summary>
    public Task DropDatabaseAsync(string name, CancellationToken cancellationToken) =>
        ExecuteAsync($"DROP DATABASE IF EXISTS {Quote(name)} WITH (FORCE)", cancellationToken);

    public abstract ValueTask DisposeAsync();

    /// <summary>Runs statements as the administrator.</summary>
    public async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(Unpooled(Administration));
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static string Quote(string name)
    {
        using var builder = new NpgsqlCommandBuilder();
        return builder.QuoteIdentifier(name);
    }

    /// <summary>False while the server is starting or cannot be reached; a refused password is an error.</summary>
    internal static async Task<bool> AnswersAsync(
        string connectionString, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = new NpgsqlConnection(Unpooled(connectionString));
            await connection.OpenAsync(cancellationToken);
            return true;
        }
        catch (NpgsqlException e) when (e.SqlState != PostgresErrorCodes.InvalidPassword)
        {
            return false;
        }
    }

    private static string Unpooled(string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, Timeout = 5 }.ConnectionString;
}
