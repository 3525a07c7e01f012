using VoiceWorker.Infrastructure.Processes;

namespace VoiceWorker.Infrastructure.Servers;

/// <summary>A private RabbitMQ on a loopback port, from the binaries of this machine, with its own epmd.</summary>
public sealed class LocalRabbitMq : RabbitMqServer, ILocalServer, ILaunchedServer
{
    // epmd in the foreground: the one that Erlang would start leaves our directory and outlives the broker.
    private const string Script = """
        epmd -address 127.0.0.1 -port "$ERL_EPMD_PORT" &
        exec "$1"
        """;

    // That of its cluster is there, and outlives each node.
    private const string MemberScript = """
        exec "$1"
        """;

    // A client on a busy machine may need longer than 10 s to say who it is.
    private const string Configuration = """
        handshake_timeout = 60000
        vm_memory_high_watermark.relative = 0.4
        disk_free_limit.absolute = 50MB
        max_message_size = 134217728
        log.console.level = info

        """;

    private readonly ServerOptions _options;
    private readonly string _binaries;
    private readonly Account _account;
    private readonly DataDirectory _directory;
    private readonly SupervisedProcess _process;
    private readonly string _pidFile;
    private readonly ClusterMember? _member;
    private int _port;
    private int _epmdPort;
    private int _managementPort;

    private LocalRabbitMq(LocalLaunch launch)
    {
        (_options, _binaries, _account, _directory) = launch;
        _member = _options.RabbitMqMember;
        _pidFile = InData("pid");
        _process = new SupervisedProcess(_directory, _pidFile);
    }

    static string ILaunchedServer.Title => "RabbitMQ";

    static string ILaunchedServer.Folder => "rabbitmq";

    static string ILaunchedServer.User => "rabbitmq";

    static Installation ILaunchedServer.Installation => Installation.RabbitMq;

    public override Uri AmqpUri => new($"amqp://guest:{_options.RabbitMqPassword}@127.0.0.1:{_port}/");

    /// <summary>The port that speaks TLS, when there is a certificate.</summary>
    public int TlsPort { get; private set; }

    /// <summary>Its management API, where it was asked for.</summary>
    public Uri ManagementUri => new($"http://127.0.0.1:{_managementPort}");

    public string LogFile => _directory.LogFile;

    /// <summary>Installs what is missing and starts the broker.</summary>
    /// <exception cref="ServerUnavailableException">No binaries, or the broker does not start.</exception>
    public static Task<LocalRabbitMq> LaunchAsync(ServerOptions options, CancellationToken cancellationToken) =>
        LocalLaunch.RunAsync(options, launch => new LocalRabbitMq(launch), cancellationToken);

    async Task ILaunchedServer.PrepareAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(_directory.Data);
        var configuration = Configuration + $"default_pass = {_options.RabbitMqPassword}\n" + Management()
            + (_member?.Configuration ?? "") + await TlsAsync(cancellationToken);
        await File.WriteAllTextAsync(InData("rabbitmq.conf"), configuration, cancellationToken);
        var plugins = _options.HasRabbitMqManagement ? "rabbitmq_management" : "";
        await File.WriteAllTextAsync(InData("enabled_plugins"), $"[{plugins}].\n", cancellationToken);
        if (_member is not null)
            await _member.WriteCookieAsync(InData(".erlang.cookie"), cancellationToken);
        await _account.OwnAsync(_directory.Data, cancellationToken);
    }

    private string Management()
    {
        if (!_options.HasRabbitMqManagement)
            return "";
        _managementPort = FreePort.Next();
        return $"management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {_managementPort}\n";
    }

    private async Task<string> TlsAsync(CancellationToken cancellationToken)
    {
        if (_options.Certificate is not { } shown)
            return "";
        TlsPort = FreePort.Next();
        var (certificate, key) = await shown.WriteAsync(_directory.Data, _account, cancellationToken);
        return $"""
            listeners.ssl.1 = 127.0.0.1:{TlsPort}
            ssl_options.certfile = {certificate}
            ssl_options.keyfile = {key}
            ssl_options.verify = verify_none
            ssl_options.fail_if_no_peer_cert = false

            """;
    }

    Task ILaunchedServer.StartOnAsync(int port, CancellationToken cancellationToken)
    {
        _port = port;
        return StartAsync(cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _epmdPort = _member?.EpmdPort ?? FreePort.Next();
        var script = _member is null ? Script : MemberScript;
        var command = _account.Running("sh", "-c", script, "sh", Path.Combine(_binaries, "rabbitmq-server"));
        return _process.StartAsync(command, Settings(), token => AnswersAsync(AmqpUri, token), cancellationToken);
    }

    public override Task<string> ControlAsync(IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var settings = Settings().Select(setting => $"{setting.Key}={setting.Value}");
        return Command.RunAsync(
            _account.Running(["env", .. settings, Path.Combine(_binaries, "rabbitmqctl"), .. arguments]), cancellationToken);
    }

    private protected override async Task ImportDefinitionsAsync(
        byte[] definitions, CancellationToken cancellationToken)
    {
        var file = InData("definitions.json");
        await File.WriteAllBytesAsync(file, definitions, cancellationToken);
        await _account.OwnAsync(file, cancellationToken);
        await ControlAsync(["import_definitions", file], cancellationToken);
    }

    // The node's name is part of its data. An epmd of its own makes it unique.
    private Dictionary<string, string> Settings() => new()
    {
        ["HOME"] = _directory.Data,
        ["ERL_EPMD_ADDRESS"] = _member?.EpmdAddresses ?? "127.0.0.1",
        ["ERL_EPMD_PORT"] = $"{_epmdPort}",
        ["RABBITMQ_NODENAME"] = _member?.Name ?? "voice@localhost",
        ["RABBITMQ_USE_LONGNAME"] = _member is null ? "false" : "true",
        ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
        ["RABBITMQ_NODE_PORT"] = $"{_port}",
        ["RABBITMQ_DIST_PORT"] = $"{FreePort.Next()}",
        // Its schedulers do not wait busily: they share the cores with everything else.
        ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] =
            (_member?.DistributionArguments ?? "-kernel inet_dist_use_interface {127,0,0,1} ")
            + "+sbwt none +sbwtdcpu none +sbwtdio none",
        ["RABBITMQ_MNESIA_BASE"] = InData("mnesia"),
        ["RABBITMQ_LOG_BASE"] = InData("log"),
        ["RABBITMQ_LOGS"] = "-",
        ["RABBITMQ_PID_FILE"] = _pidFile,
        ["RABBITMQ_CONFIG_FILE"] = InData("rabbitmq.conf"),
        ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null",
        ["RABBITMQ_ENABLED_PLUGINS_FILE"] = InData("enabled_plugins"),
    };

    private string InData(string name) => Path.Combine(_directory.Data, name);

    /// <summary>As which of several it runs; null when it is alone.</summary>
    internal ClusterMember? Member => _member;

    public IReadOnlyList<int> Processes() => _process.Processes();

    public Task KillAsync(CancellationToken cancellationToken) => _process.KillAsync(cancellationToken);

    /// <summary>Waits until it takes connections: a node that was cut off had paused itself. One that stays paused, as
    /// RabbitMQ 3.10 does now and then, is killed and started.</summary>
    public async Task ReturnAsync(CancellationToken cancellationToken)
    {
        if (await Polling.UntilAsync(token => AnswersAsync(AmqpUri, token), TimeSpan.FromMinutes(1), cancellationToken))
            return;
        await KillAsync(cancellationToken);
        await StartAsync(cancellationToken);
    }

    /// <summary>In order, by SIGTERM.</summary>
    public Task StopAsync() => _process.StopAsync(Signal.Terminate);

    public void Suspend() => _process.SignalAll(Signal.Stop);

    public void Resume() => _process.SignalAll(Signal.Continue);

    public override ValueTask DisposeAsync() => _process.CloseAsync(_directory.IsTemporary ? Signal.Kill : Signal.Terminate);
}
