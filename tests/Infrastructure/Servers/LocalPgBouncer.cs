using Npgsql;
using VoiceWorker.Infrastructure.Processes;

namespace VoiceWorker.Infrastructure.Servers;

/// <summary>PgBouncer in transaction mode in front of a PostgreSQL, as many operators have it.</summary>
public sealed class LocalPgBouncer : IAsyncDisposable
{
    private readonly DataDirectory _directory;
    private readonly SupervisedProcess _process;
    private readonly NpgsqlConnectionStringBuilder _behind;
    private int _port;

    private LocalPgBouncer(DataDirectory directory, string behind)
    {
        _directory = directory;
        _behind = new NpgsqlConnectionStringBuilder(behind);
        _process = new SupervisedProcess(directory, Path.Combine(directory.Data, "pgbouncer.pid"));
    }

    /// <summary>To the same database as the connection string that it was launched with.</summary>
    public string ConnectionString => new NpgsqlConnectionStringBuilder(_behind.ConnectionString)
    {
        Host = "127.0.0.1", Port = _port,
    }.ConnectionString;

    /// <summary>Installs it if it is missing, and starts it.</summary>
    /// <param name="behind">A database with its user.</param>
    /// <param name="ignored">Startup parameters that it swallows instead of refusing them.</param>
    /// <param name="options">Where to report.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="ServerUnavailableException">No binary, or it does not start.</exception>
    public static async Task<LocalPgBouncer> LaunchAsync(
        string behind, string ignored, ServerOptions options, CancellationToken cancellationToken)
    {
        var binaries = await Installation.PgBouncer.FindAsync(options.Progress, cancellationToken);
        var account = await Account.ForAsync("postgres", cancellationToken);
        var directory = await DataDirectory.OpenAsync("pgbouncer", options, account, cancellationToken);
        var bouncer = new LocalPgBouncer(directory, behind);
        try
        {
            await PortCollision.RetryAsync(
                (port, token) => bouncer.StartOnAsync(port, binaries, ignored, account, token), cancellationToken);
            return bouncer;
        }
        catch
        {
            await bouncer.DisposeAsync();
            throw;
        }
    }

    private async Task StartOnAsync(
        int port, string binaries, string ignored, Account account, CancellationToken cancellationToken)
    {
        _port = port;
        var users = Path.Combine(_directory.Data, "users.txt");
        var settings = Path.Combine(_directory.Data, "pgbouncer.ini");
        Directory.CreateDirectory(_directory.Data);
        await File.WriteAllTextAsync(users, $"\"{_behind.Username}\" \"{_behind.Password}\"\n", cancellationToken);
        await File.WriteAllTextAsync(settings, $"""
            [databases]
            * = host={_behind.Host} port={_behind.Port}
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {port}
            unix_socket_dir =
            auth_type = scram-sha-256
            auth_file = {users}
            pool_mode = transaction
            ignore_startup_parameters = {ignored}
            pidfile = {Path.Combine(_directory.Data, "pgbouncer.pid")}
            """, cancellationToken);
        await account.OwnAsync(_directory.Data, cancellationToken);
        await _process.StartAsync(
            account.Running(Path.Combine(binaries, "pgbouncer"), settings), new Dictionary<string, string>(),
            token => PostgresServer.AnswersAsync(ConnectionString, token), cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _process.StopAsync(Signal.Interrupt);
        _directory.Dispose();
    }
}
