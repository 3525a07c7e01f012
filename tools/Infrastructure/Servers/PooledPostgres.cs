namespace VoiceWorker.Infrastructure.Servers;

/// <summary>A PostgreSQL behind PgBouncer, which lets every role in that the server lets in. Databases are created and
/// dropped on the server itself.</summary>
public sealed class PooledPostgres : PostgresServer
{
    // PgBouncer asks the server for the secret of a role at each login. What a test leaves behind must not take up the
    // server's sessions for long.
    private const string Settings = """
        auth_user = postgres
        max_client_conn = 1000
        default_pool_size = 100
        server_idle_timeout = 5
        """;

    private readonly PostgresServer _server;
    private readonly LocalPgBouncer _pooler;

    private PooledPostgres(PostgresServer server, LocalPgBouncer pooler) => (_server, _pooler) = (server, pooler);

    public override string ConnectionString => _pooler.ConnectionString;

    protected override string Administration => _server.ConnectionString;

    /// <summary>Starts a PgBouncer before the server.</summary>
    /// <param name="server">Not disposed with it.</param>
    /// <param name="mode">session, transaction or statement.</param>
    /// <param name="options">Where to report.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="ServerUnavailableException">PgBouncer does not start.</exception>
    public static async Task<PooledPostgres> LaunchAsync(
        PostgresServer server, string mode, ServerOptions options, CancellationToken cancellationToken) =>
        new(server, await LocalPgBouncer.LaunchAsync(
            server.ConnectionString, mode, options, cancellationToken, Settings));

    public override async Task<string> CopyDatabaseAsync(
        string original, string name, CancellationToken cancellationToken)
    {
        // The pooler keeps sessions of those who have left.
        await ExecuteAsync(
            $"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{original}'",
            cancellationToken);
        return await base.CopyDatabaseAsync(original, name, cancellationToken);
    }

    public override ValueTask DisposeAsync() => _pooler.DisposeAsync();
}
