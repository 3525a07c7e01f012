using System.Security.Cryptography;
using Npgsql;
using VoiceWorker.Infrastructure.Processes;

namespace VoiceWorker.Infrastructure.Servers;

/// <summary>A private PostgreSQL on a loopback port, from the binaries of this machine.</summary>
public sealed class LocalPostgres : PostgresServer, ILocalServer, ILaunchedServer
{
    private static readonly Dictionary<string, string> Defaults = new()
    {
        ["listen_addresses"] = "127.0.0.1",
        ["max_connections"] = "200",
        ["log_line_prefix"] = "%m [%p] %d ",
        // None: the path of a socket is limited to 107 bytes.
        ["unix_socket_directories"] = "",
    };

    private readonly ServerOptions _options;
    private readonly string _binaries;
    private readonly Account _account;
    private readonly DataDirectory _directory;
    private readonly SupervisedProcess _process;
    private string _password = "";
    private Dictionary<string, string> _tls = [];
    private int _port;

    private LocalPostgres(LocalLaunch launch)
    {
        (_options, _binaries, _account, _directory) = launch;
        _process = new SupervisedProcess(_directory, Path.Combine(_directory.Data, "postmaster.pid"));
    }

    static string ILaunchedServer.Title => "PostgreSQL";

    static string ILaunchedServer.Folder => "postgres";

    static string ILaunchedServer.User => "postgres";

    static Installation ILaunchedServer.Installation => Installation.Postgres;

    /// <summary>As one of several hosts of a connection string.</summary>
    public string Address => $"127.0.0.1:{_port}";

    public override string ConnectionString => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1", Port = _port, Username = "postgres", Password = _password, Database = "postgres",
    }.ConnectionString;

    public string LogFile => _directory.LogFile;

    /// <summary>Installs what is missing, initialises the data directory if it is new, starts the server.</summary>
    /// <exception cref="ServerUnavailableException">No binaries, or the server does not start.</exception>
    public static Task<LocalPostgres> LaunchAsync(ServerOptions options, CancellationToken cancellationToken) =>
        LocalLaunch.RunAsync(options, launch => new LocalPostgres(launch), cancellationToken);

    async Task ILaunchedServer.PrepareAsync(CancellationToken cancellationToken)
    {
        var passwordFile = Path.Combine(_directory.Root, "password");
        if (!Directory.Exists(_directory.Data))
        {
            await File.WriteAllTextAsync(passwordFile, RandomNumberGenerator.GetHexString(32), cancellationToken);
            await Command.RunAsync(["chmod", "600", passwordFile], cancellationToken);
            await _account.OwnAsync(passwordFile, cancellationToken);
            await InitialiseDataAsync(passwordFile, cancellationToken);
        }

        _password = await File.ReadAllTextAsync(passwordFile, cancellationToken);
        if (_options.Certificate is { } shown)
        {
            var (certificate, key) = await shown.WriteAsync(_directory.Root, _account, cancellationToken);
            _tls = new() { ["ssl"] = "on", ["ssl_cert_file"] = certificate, ["ssl_key_file"] = key };
        }
    }

    private async Task InitialiseDataAsync(string passwordFile, CancellationToken cancellationToken)
    {
        // Moved into place when complete: an initdb that was killed does not count.
        var unfinished = Path.Combine(_directory.Root, "initdb");
        if (Directory.Exists(unfinished))
            Directory.Delete(unfinished, recursive: true);
        IEnumerable<string> command =
        [
            Path.Combine(_binaries, "initdb"), "--pgdata", unfinished, "--username", "postgres",
            "--auth", "scram-sha-256", "--pwfile", passwordFile, "--encoding", "UTF8", "--locale", "C.UTF-8",
        ];
        if (_directory.IsTemporary)
            command = command.Append("--no-sync");
        await Command.RunAsync(_account.Running(command), cancellationToken);
        Directory.Move(unfinished, _directory.Data);
    }

    /// <summary>Becomes a standby of another one: what it had is gone. Returns when it answers reads.</summary>
    internal async Task FollowAsync(LocalPostgres primary, CancellationToken cancellationToken)
    {
        await KillAsync(cancellationToken);
        if (Directory.Exists(_directory.Data))
            Directory.Delete(_directory.Data, recursive: true);
        _password = primary._password;
        var way = $"host=127.0.0.1 port={primary._port} user=postgres password={_password} application_name=standby";
        await Command.RunAsync(_account.Running(
            Path.Combine(_binaries, "pg_basebackup"), "--pgdata", _directory.Data, "--write-recovery-conf",
            "--checkpoint", "fast", "--no-sync", "--dbname", way), cancellationToken);
        await StartAsync(cancellationToken);
    }

    /// <summary>Adds a line that wins over all others of postgresql.conf; for one that is down.</summary>
    internal Task OverrideAsync(string line, CancellationToken cancellationToken) => File.AppendAllTextAsync(
        Path.Combine(_directory.Data, "postgresql.auto.conf"), line + "\n", cancellationToken);

    Task ILaunchedServer.StartOnAsync(int port, CancellationToken cancellationToken)
    {
        _port = port;
        return StartAsync(cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        IEnumerable<string> command =
        [
            Path.Combine(_binaries, "postgres"), "-D", _directory.Data, "-p", $"{_port}",
            .. Arguments(Defaults), .. Arguments(_tls), .. Arguments(_options.PostgresSettings),
        ];
        return _process.StartAsync(
            _account.Running(command), new Dictionary<string, string>(),
            token => AnswersAsync(ConnectionString, token), cancellationToken);
    }

    internal static IEnumerable<string> Arguments(IReadOnlyDictionary<string, string> settings) =>
        settings.SelectMany(setting => new[] { "-c", $"{setting.Key}={setting.Value}" });

    public IReadOnlyList<int> Processes() => _process.Processes();

    public Task KillAsync(CancellationToken cancellationToken) => _process.KillAsync(cancellationToken);

    /// <summary>In order: a fast shutdown, by SIGINT.</summary>
    public Task StopAsync() => _process.StopAsync(Signal.Interrupt);

    public void Suspend() => _process.SignalAll(Signal.Stop);

    public void Resume() => _process.SignalAll(Signal.Continue);

    // Even a temporary one in order: SIGKILL would leave its shared memory behind.
    public override ValueTask DisposeAsync() => _process.CloseAsync(Signal.Interrupt);
}
