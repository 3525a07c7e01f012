using RabbitMQ.Client;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.Fixtures;

/// <summary>A worker on a migrated database of its own, with a plain client beside it. It runs as the role of
/// docs/roles.sql that may do nothing but what a running worker needs; within the suite's own process or as one of its
/// own, as the suite's <see cref="WorkerLauncher"/> has it.</summary>
public sealed class RunningWorker : IAsyncDisposable
{
    private const int Businesses = 100;
    private static readonly Dictionary<string, string> NoVariables = [];

    private delegate IWorker Launch(IReadOnlyDictionary<string, string> environment, string[] args);

    private RunningWorker(LegacyDatabase database, BrokerClient broker, IWorker process) =>
        (Database, Broker, Process) = (database, broker, process);

    public LegacyDatabase Database { get; }

    public BrokerClient Broker { get; }

    public IWorker Process { get; }

    /// <summary>Every audit event after that of the migration.</summary>
    public AuditLog Audit { get; private set; } = null!;

    /// <summary>Starts a worker with an audit consumer and waits until it is ready.</summary>
    public static Task<RunningWorker> StartAsync(TestServers servers, params string[] settings) =>
        AuditedAsync(servers, NoVariables, settings, WorkerLauncher.Start);

    /// <summary>The same as a process of its own, for what is to be done to a process.</summary>
    public static Task<RunningWorker> StartProcessAsync(TestServers servers, params string[] settings) =>
        AuditedAsync(servers, NoVariables, settings, AsProcess);

    /// <summary>The same, exporting to a collector.</summary>
    /// <param name="servers">Of this run.</param>
    /// <param name="environment">OpenTelemetry's variables.</param>
    public static Task<RunningWorker> StartTracedAsync(
        TestServers servers, IReadOnlyDictionary<string, string> environment) =>
        AuditedAsync(servers, environment, [], WorkerLauncher.Start);

    // Bound before the worker's first event: what reaches no queue is held until the relay's next poll.
    private static async Task<RunningWorker> AuditedAsync(
        TestServers servers, IReadOnlyDictionary<string, string> environment, string[] settings, Launch launch)
    {
        var token = TestContext.Current.CancellationToken;
        var database = await servers.Migrated.CopyAsync(Businesses);
        var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);
        await broker.AmqpChannel.ExchangeDeclareAsync(
            Exchanges.VoiceAudit, ExchangeType.Fanout, durable: true, cancellationToken: token);
        var audit = await broker.BindAsync(Exchanges.VoiceAudit);
        var worker = await StartAsync(
            servers, database, broker, database.WorkerConnectionString, environment, settings, launch);
        Assert.Equal("SchemaMigrated", (await BrokerClient.TakeAsync(audit, 1))[0].Properties.Type);
        worker.Audit = new AuditLog(audit);
        return worker;
    }

    /// <summary>The same without anybody who consumes audit events.</summary>
    /// <param name="servers">Of this run.</param>
    /// <param name="settings">Such as <c>--Audit:Unrouted=Skip</c>.</param>
    public static async Task<RunningWorker> StartUnboundAsync(TestServers servers, params string[] settings)
    {
        var database = await servers.Migrated.CopyAsync(Businesses);
        return await StartAsync(servers, database, database.WorkerConnectionString, settings);
    }

    /// <summary>The same on a database that exists already.</summary>
    /// <param name="servers">Of this run.</param>
    /// <param name="database">Migrated; it goes with the worker.</param>
    /// <param name="route">The worker's way to it.</param>
    /// <param name="settings">Such as <c>--Audit:Unrouted=Skip</c>.</param>
    public static async Task<RunningWorker> StartAsync(
        TestServers servers, LegacyDatabase database, string route, params string[] settings)
    {
        var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);
        return await StartAsync(servers, database, broker, route, NoVariables, settings, WorkerLauncher.Start);
    }

    /// <summary>The same as a process of its own.</summary>
    public static async Task<RunningWorker> StartProcessAsync(
        TestServers servers, LegacyDatabase database, string route, params string[] settings)
    {
        var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);
        return await StartAsync(servers, database, broker, route, NoVariables, settings, AsProcess);
    }

    private static async Task<RunningWorker> StartAsync(
        TestServers servers, LegacyDatabase database, BrokerClient broker, string route,
        IReadOnlyDictionary<string, string> environment, string[] settings, Launch launch)
    {
        // A busy machine must not turn a slow answer into another one; tests of the deadline set it themselves.
        string[] args = ["run", "--Replies:Deadline=00:00:20", .. settings];
        var all = Connections(route, servers).Concat(environment).ToDictionary();
        var process = launch(all, args);
        await process.WaitReadyAsync(TestContext.Current.CancellationToken);
        return new RunningWorker(database, broker, process);
    }

    private static WorkerProcess AsProcess(IReadOnlyDictionary<string, string> environment, string[] args) =>
        WorkerProcess.Start(WorkerProcess.Dll, environment, args);

    /// <summary>The environment that a worker needs.</summary>
    public static Dictionary<string, string> Connections(string postgres, TestServers servers) =>
        Connections(postgres, servers.AmqpUri);

    /// <summary>The same with another broker.</summary>
    public static Dictionary<string, string> Connections(string postgres, Uri rabbitMq) => new()
    {
        ["ConnectionStrings__Postgres"] = postgres,
        ["ConnectionStrings__RabbitMq"] = rabbitMq.ToString(),
    };

    /// <summary>SIGKILL; only of a process of its own.</summary>
    public void Kill() => ((WorkerProcess)Process).Kill();

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        await Broker.DisposeAsync();
        await Database.DisposeAsync();
    }
}
