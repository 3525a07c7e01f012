using System.Globalization;
using Npgsql;
using VoiceWorker.Infrastructure.Network;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Infrastructure.Servers;
using VoiceWorker.Tests.Faults.Traffic;
using VoiceWorker.Tests.Faults.Verdict;
using Xunit;

namespace VoiceWorker.Tests.Faults.World;

/// <summary>One script's world: workers behind proxies, a database of their own, a load, and what came of it.</summary>
public sealed class FaultWorld : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly Arenas _arenas;
    private readonly Hurt _hurt;
    private readonly CancellationTokenSource _ended = new();
    private readonly List<WorkerProcess> _workers = [];
    private readonly List<ILocalServer> _down = [];
    private readonly ReplyLog _replies = new();
    private readonly List<Task> _background = [];

    private FaultWorld(
        Arenas arenas, Arena arena, Hurt hurt, LegacyDatabase database, TrafficPlan plan, int seed, int ahead)
    {
        (_arenas, Arena, _hurt) = (arenas, arena, hurt);
        (Database, Plan, Seed, Random) = (database, plan, seed, new Random(seed));
        var postgres = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        ToPostgres = new FaultProxy(postgres.Host!, postgres.Port);
        ToBroker = new FaultProxy(Broker.Host, Broker.Port);
        Load = new Load(Broker, plan, Audit, ahead);
        _background.Add(new PatientConsumer([Broker], Topology.Audit, Audit.Take).ConsumeAsync(_ended.Token));
        _background.Add(new PatientConsumer([Broker], Topology.Replies, _replies.Take).ConsumeAsync(_ended.Token));
    }

    /// <summary>The servers.</summary>
    public Arena Arena { get; }

    public LegacyDatabase Database { get; }

    public TrafficPlan Plan { get; }

    /// <summary>What the traffic and every random moment follow from.</summary>
    public int Seed { get; }

    public Random Random { get; }

    /// <summary>The workers' way to the database.</summary>
    public FaultProxy ToPostgres { get; }

    /// <summary>The workers' way to the broker.</summary>
    public FaultProxy ToBroker { get; }

    public AuditTrail Audit { get; } = new();

    public Load Load { get; }

    /// <summary>Every worker that was started, in order.</summary>
    public IReadOnlyList<WorkerProcess> Workers => _workers;

    public Uri Broker => Arena.RabbitMq.AmqpUri;

    /// <summary>A world at rest. The environment variable VOICE_TEST_SEED repeats an earlier one.</summary>
    /// <param name="arenas">Of this run.</param>
    /// <param name="script">Name of the script, printed with the seed.</param>
    /// <param name="hurt">What the script hurts while calls are answered.</param>
    /// <param name="messages">How many the load publishes.</param>
    /// <param name="ahead">How many of them it publishes ahead of their audit events.</param>
    /// <param name="isMigrated">Whether the first worker finds nothing left to migrate.</param>
    public static async Task<FaultWorld> CreateAsync(
        Arenas arenas, string script, Hurt hurt, int messages = 300, int ahead = 60, bool isMigrated = true)
    {
        var given = Environment.GetEnvironmentVariable("VOICE_TEST_SEED");
        var seed = given is null ? System.Random.Shared.Next() : int.Parse(given, CultureInfo.InvariantCulture);
        Console.Error.WriteLine($"{script}: VOICE_TEST_SEED={seed}");
        var arena = await arenas.RentAsync(Token);
        await Topology.EmptyAsync(arena.RabbitMq.AmqpUri, Token);
        var database = isMigrated
            ? await arena.Original.CopyAsync(TrafficPlan.Businesses)
            : await LegacyDatabase.CreateAsync(arena.Postgres, TrafficPlan.Businesses);
        return new FaultWorld(arenas, arena, hurt, database, TrafficPlan.Create(seed, messages), seed, ahead);
    }

    /// <summary>Starts a worker and does not wait for it.</summary>
    public WorkerProcess StartWorker()
    {
        // The connection string bounds how long a statement may take; that is how a dead connection is noticed.
        var postgres = new NpgsqlConnectionStringBuilder(Database.ConnectionString)
        {
            Host = "127.0.0.1", Port = ToPostgres.Port, CommandTimeout = 5,
        };
        var environment = new Dictionary<string, string>
        {
            ["ConnectionStrings__Postgres"] = postgres.ConnectionString,
            ["ConnectionStrings__RabbitMq"] = new UriBuilder(Broker) { Port = ToBroker.Port }.ToString(),
            // A standby that asks often takes over before the leader that was deposed has come back.
            ["Audit__PollInterval"] = "00:00:00.100",
            // Often enough for a fault to meet one.
            ["Audit__SealEvents"] = "100",
        };
        // A busy machine must not turn a slow answer into another one; where the database is hurt, the deadline counts.
        if (!_hurt.HasFlag(Hurt.Database))
            environment["Replies__Deadline"] = "00:00:30";
        var worker = WorkerProcess.Start(WorkerProcess.Dll, environment, ["run"]);
        lock (_workers)
            _workers.Add(worker);
        return worker;
    }

    /// <summary>Starts a worker that consumes.</summary>
    public async Task<WorkerProcess> StartReadyWorkerAsync()
    {
        var worker = StartWorker();
        await worker.WaitReadyAsync(Token);
        return worker;
    }

    /// <summary>Lets the load begin.</summary>
    public void StartLoad() => _background.Add(Load.PublishAsync(_ended.Token));

    /// <summary>Returns when the proxy holds something there.</summary>
    public static Task ReachAsync(Hold point) => point.ReachedAsync(Patience, Token);

    /// <summary>Returns when a worker has written a line that contains a text.</summary>
    public static async Task<bool> WritesAsync(WorkerProcess worker, string text) => await Polling.UntilAsync(
        _ => Task.FromResult(worker.HasExited || HasWritten(worker, text)), Patience, Token) && !worker.HasExited;

    /// <summary>How many calls and changes are recorded.</summary>
    public Task<long> CountRecordedAsync() => Database.ScalarAsync<long>("""
        SELECT (SELECT count(*) FROM voice.call_voice) + (SELECT count(*) FROM voice.business_voice_change)
        """);

    /// <summary>Returns true when so many are recorded.</summary>
    public Task<bool> RecordsAsync(int count) =>
        Polling.UntilAsync(async _ => await CountRecordedAsync() >= count, Patience, Token);

    /// <summary>Returns true when every event that was committed has been published, and is known to be.</summary>
    public Task<bool> IsDrainedAsync() => Polling.UntilAsync(
        async token => await Recorded.ReadAsync(Database, token) is { Outbox: 0, Unpublished: 0 }, Patience, Token);

    public Task KillDatabaseAsync() => KillAsync(Arena.Postgres);

    public Task StartDatabaseAsync() => StartAsync(Arena.Postgres);

    public Task KillBrokerAsync() => KillAsync(Arena.RabbitMq);

    public Task StartBrokerAsync() => StartAsync(Arena.RabbitMq);

    /// <summary>Waits until all has come to rest, asks the workers to leave, and judges what came of it.</summary>
    public async Task JudgeAsync()
    {
        await Load.Confirmed.ReachedAsync(Plan.Messages.Count);
        // To look costs the machine more than to hear; and what has not come by then, the invariants name.
        await Audit.Effects.WaitAsync(Plan.EffectsOf(Plan.Messages.Count), Token).WaitAsync(Patience, Token)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Polling.UntilAsync(
            async token => (await LookAsync(token)).IsAtRest && await Arena.RabbitMq.HoldsNoDeliveryAsync(token),
            Patience, Token);
        await Task.WhenAll(_workers.Where(worker => !worker.HasExited).Select(LeaveAsync));
        var outcome = await LookAsync(Token);
        Invariants.Hold(await outcome.VerifiedAsync(Database, Token), Seed);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        foreach (var worker in _workers)
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"worker {worker.Id}:\n{string.Join('\n', worker.Output)}");
            await worker.DisposeAsync();
        }

        await ToPostgres.DisposeAsync();
        await ToBroker.DisposeAsync();
        foreach (var background in _background)
            await background.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var server in _down.ToList())
            await StartAsync(server);
        await Database.DisposeAsync();
        _ended.Dispose();
        _arenas.Return(Arena);
    }

    private static async Task LeaveAsync(WorkerProcess worker)
    {
        // Before it is up, a process has no handler for the signal.
        await worker.WaitReadyAsync(Token);
        Assert.Equal(0, await worker.TerminateAsync(Token));
    }

    private static bool HasWritten(WorkerProcess worker, string text) =>
        worker.Output.Any(line => line.Contains(text, StringComparison.Ordinal));

    private async Task<Outcome> LookAsync(CancellationToken cancellationToken)
    {
        var recorded = await Recorded.ReadAsync(Database, cancellationToken);
        await using var connection = await PlainConnection.OpenAsync(Broker, "verdict", cancellationToken);
        var queues = new Dictionary<string, uint>();
        foreach (var queue in Topology.WorkerQueues.SelectMany(Topology.WithItsDead))
            queues[queue] = await Topology.CountAsync(connection, queue, cancellationToken);
        return new Outcome(_hurt, Plan, recorded, Audit.Deliveries(), _replies.Deliveries(), queues);
    }

    private async Task KillAsync(ILocalServer server)
    {
        _down.Add(server);
        await server.KillAsync(Token);
    }

    private async Task StartAsync(ILocalServer server)
    {
        await server.StartAsync(CancellationToken.None);
        _down.Remove(server);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
