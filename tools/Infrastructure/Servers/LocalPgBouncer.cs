using Npgsql;
using VoiceWorker.Infrastructure.Processes;

namespace VoiceWorker.Infrastructure.Servers;

/// <summary>PgBouncer in front of a PostgreSQL, as many operators have it.</summary>
public sealed class LocalPgBouncer : ILaunchedServer
{
    private readonly LocalLaunch _launch;
    private readonly SupervisedProcess _process;
    private readonly NpgsqlConnectionStringBuilder _behind;
    private readonly string _mode;
    private readonly string _more;
    private int _port;

    private readonly IReadOnlyList<NpgsqlConnectionStringBuilder> _users;

    private LocalPgBouncer(LocalLaunch launch, string behind, string mode, string more, IEnumerable<string> others)
    {
        (_launch, _mode, _more) = (launch, mode, more);
        _users = [.. others.Prepend(behind).Select(user => new NpgsqlConnectionStringBuilder(user))];
        _behind = new NpgsqlConnectionStringBuilder(behind);
        _process = new SupervisedProcess(launch.Directory, PidFile);
    }

    static string ILaunchedServer.Title => "PgBouncer";

    static string ILaunchedServer.Folder => "pgbouncer";

    static string ILaunchedServer.User => "postgres";

    static Installation ILaunchedServer.Installation => Installation.PgBouncer;

    /// <summary>To the same database as the connection string that it was launched with.</summary>
    public string ConnectionString => Through(_behind.ConnectionString);

    /// <summary>The same way for another of its users.</summary>
    public string Through(string behind) => new NpgsqlConnectionStringBuilder(behind)
    {
        Host = "127.0.0.1", Port = _port,
    }.ConnectionString;

    /// <summary>Installs it if it is missing, and starts it.</summary>
    /// <param name="behind">A database with its user.</param>
    /// <param name="mode">session, transaction or statement.</param>
    /// <param name="options">Where to report.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <param name="more">Lines of its settings.</param>
    /// <param name="others">The same database with other users.</param>
    /// <exception cref="ServerUnavailableException">No binary, or it does not start.</exception>
    public static Task<LocalPgBouncer> LaunchAsync(
        string behind, string mode, ServerOptions options, CancellationToken cancellationToken, string more = "",
        params IEnumerable<string> others) => LocalLaunch.RunAsync(
        options, launch => new LocalPgBouncer(launch, behind, mode, more, others), cancellationToken);

    async Task ILaunchedServer.PrepareAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(_launch.Directory.Data);
        await File.WriteAllLinesAsync(
            Users, _users.Select(user => $"\"{user.Username}\" \"{user.Password}\""), cancellationToken);
    }

    async Task ILaunchedServer.StartOnAsync(int port, CancellationToken cancellationToken)
    {
        _port = port;
        var settings = InData("pgbouncer.ini");
        await File.WriteAllTextAsync(settings, $"""
            [databases]
            * = host={_behind.Host} port={_behind.Port}
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {port}
            unix_socket_dir =
            auth_type = scram-sha-256
            auth_file = {Users}
            pool_mode = {_mode}
            {_more}
            pidfile = {PidFile}
            """, cancellationToken);
        await _launch.Account.OwnAsync(_launch.Directory.Data, cancellationToken);
        await _process.StartAsync(
            _launch.Account.Running(Path.Combine(_launch.Binaries, "pgbouncer"), settings), new Dictionary<string, string>(),
            token => PostgresServer.AnswersAsync(ConnectionString, token), cancellationToken);
    }

    private string Users => InData("users.txt");

    private string PidFile => InData("pgbouncer.pid");

    private string InData(string name) => Path.Combine(_launch.Directory.Data, name);

    public ValueTask DisposeAsync() => _process.CloseAsync(Signal.Interrupt);
}
