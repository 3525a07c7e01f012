using System.Diagnostics;
using System.Globalization;
using Npgsql;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Infrastructure.Servers;
using VoiceWorker.Tests.Cluster.Traffic;
using VoiceWorker.Tests.Cluster.Verdict;
using VoiceWorker.Tests.Faults.Traffic;
using VoiceWorker.Tests.Faults.Verdict;
using VoiceWorker.Tests.Faults.World;
using Xunit;

namespace VoiceWorker.Tests.Cluster.World;

/// <summary>One script's world on the cluster: two workers, producers that never rest, an audit consumer, and what came
/// of it.</summary>
public sealed class ClusterWorld : IAsyncDisposable
{
    private const int Producers = 2;
    private const int PerSecond = 30;
    private const int LongestPlan = 200_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private static readonly int Runs = int.Parse(
        Environment.GetEnvironmentVariable("VOICE_CLUSTER_RUNS") ?? "1", CultureInfo.InvariantCulture);

    private readonly ClusterServers _servers;
    private readonly Hurt _hurt;
    private readonly CancellationTokenSource _ending = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly Timeline _timeline = new();
    private readonly AuditTrail _audit = new();
    private readonly ReplyLog _replies = new();
    private readonly IReadOnlyList<Message> _messages;
    private readonly List<Task> _consuming = [];
    private readonly List<Task> _producing = [];
    private readonly List<Recovery> _recoveries = [];
    private readonly string _fault;
    private readonly int _seed;
    private int _taken;
    private long _mended;

    private ClusterWorld(ClusterServers servers, string fault, Hurt hurt, int seed, LegacyDatabase database)
    {
        (_servers, _fault, _hurt, _seed, Database) = (servers, fault, hurt, seed, database);
        _messages = TrafficPlan.Create(seed, LongestPlan).Messages;
        Nodes = [.. servers.RabbitMq.Nodes.Select(node => node.AmqpUri)];
        Workers = new ClusterWorkers(servers, database, hurt, _timeline);
        _consuming.Add(new PatientConsumer(Nodes, Topology.Audit, TakeEvent).ConsumeAsync(_ended.Token));
        _consuming.Add(new PatientConsumer(Nodes, Topology.Replies, TakeReply).ConsumeAsync(_ended.Token));
    }

    public LocalRabbitMqCluster RabbitMq => _servers.RabbitMq;

    public LocalPostgresPair Postgres => _servers.Postgres;

    public LegacyDatabase Database { get; }

    public ClusterWorkers Workers { get; }

    /// <summary>Of the broker.</summary>
    public IReadOnlyList<Uri> Nodes { get; }

    /// <summary>A world that is at work.</summary>
    /// <param name="servers">Of this run.</param>
    /// <param name="fault">For the table.</param>
    /// <param name="hurt">What is left to promise of replies.</param>
    public static async Task<ClusterWorld> CreateAsync(ClusterServers servers, string fault, Hurt hurt)
    {
        var given = Environment.GetEnvironmentVariable("VOICE_TEST_SEED");
        var seed = given is null ? Random.Shared.Next() : int.Parse(given, CultureInfo.InvariantCulture);
        await servers.StartAsync(Token);
        Step.Say($"{fault}: VOICE_TEST_SEED={seed}; a database, two workers, the traffic");
        await Topology.EmptyAsync(servers.RabbitMq.Nodes[0].AmqpUri, Token);
        var database = await LegacyDatabase.CreateAsync(servers.Postgres, TrafficPlan.Businesses);
        await using (var migrator = new MigratorUnderTest(database.ConnectionString))
            await migrator.ApplyAsync();
        var world = new ClusterWorld(servers, fault, hurt, seed, database);
        try
        {
            await world.BeginAsync();
            return world;
        }
        catch
        {
            await world.DisposeAsync();
            throw;
        }
    }

    private async Task BeginAsync()
    {
        await Workers.StartAsync(Token);
        for (var producer = 0; producer < Producers; producer++)
            _producing.Add(new Producer(Nodes, Next, PerSecond, Confirm).PublishAsync(_ending.Token, _ended.Token));
        _mended = Stopwatch.GetTimestamp();
    }

    /// <summary>Runs a fault as often as VOICE_CLUSTER_RUNS says, each time when all goes well again.</summary>
    /// <param name="hurtAsync">The fault. It begins where it calls <see cref="FaultMoment.Begin"/>.</param>
    /// <param name="mendAsync">Makes the cluster whole again.</param>
    public async Task RepeatAsync(Func<FaultMoment, Task> hurtAsync, Func<Task> mendAsync)
    {
        for (var run = 1; run <= Runs; run++)
        {
            await FaultAsync(hurtAsync);
            await mendAsync();
            _mended = Stopwatch.GetTimestamp();
        }
    }

    /// <summary>Kills the primary and promotes its standby.</summary>
    /// <param name="moment">Begins here.</param>
    public async Task FailOverAsync(FaultMoment moment)
    {
        moment.Begin();
        await Postgres.Primary.KillAsync(TestContext.Current.CancellationToken);
        await Postgres.PromoteAsync(TestContext.Current.CancellationToken);
        moment.Return();
    }

    /// <summary>Waits until all goes well, runs a fault, and waits again.</summary>
    /// <param name="hurtAsync">The fault. It begins where it calls <see cref="FaultMoment.Begin"/>.</param>
    public async Task FaultAsync(Func<FaultMoment, Task> hurtAsync)
    {
        var run = $"{_fault}, run {_recoveries.Count + 1}";
        Step.Say($"{run}: waiting until all goes well");
        await WaitUntilWellAsync(_mended);
        Step.Say($"{run}: the fault");
        var moment = new FaultMoment();
        await hurtAsync(moment);
        Step.Say($"{run}: waiting until all goes well again");
        var recovery = moment.Judge(await WaitUntilWellAsync(moment.Begun));
        Step.Say(string.Create(CultureInfo.InvariantCulture,
            $"{run}: back after {recovery.FromFault.TotalSeconds:0.0} s, {recovery.Slowest} last"));
        _recoveries.Add(recovery);
    }

    /// <summary>Events as they have arrived so far.</summary>
    public IReadOnlyList<Delivery> Told() => _audit.Deliveries();

    /// <summary>What was confirmed before a fault and has no event yet may be lost: nobody waits for it.</summary>
    public void Forget(FaultMoment before) => _timeline.Forget(before.Begun);

    /// <summary>Ids of the events that a server has.</summary>
    public Task<HashSet<string>> EventsOnAsync(LocalPostgres server) => ReadAsync(
        OnServer(server), "SELECT id::text FROM voice_audit.mt_events UNION SELECT event_id::text FROM voice.outbox");

    /// <summary>Calls that are recorded on another server and not on the primary.</summary>
    public async Task<int> CountStrangersAsync(LocalPostgres other)
    {
        const string Calls = "SELECT call_id FROM voice.call_voice";
        var here = await ReadAsync(Database.ConnectionString, Calls);
        return (await ReadAsync(OnServer(other), Calls)).Except(here).Count();
    }

    /// <summary>Waits until all has come to rest, asks the workers to leave, and judges what came of it.</summary>
    public async Task JudgeAsync()
    {
        Step.Say($"{_fault}: waiting until all has come to rest");
        await _ending.CancelAsync();
        await Task.WhenAll(_producing).WaitAsync(Patience, Token);
        var plan = TrafficPlan.Create(_seed, _taken);
        if (!_hurt.HasFlag(Hurt.History))
        {
            await _audit.Effects.WaitAsync(plan.EffectsOf(_taken), Token).WaitAsync(Patience, Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await Polling.UntilAsync(
            async token => (await LookAsync(plan, token)).IsAtRest
                && await RabbitMq.Nodes.First(node => node.Processes().Count > 0).HoldsNoDeliveryAsync(token),
            Patience, Token);
        await Workers.LeaveAsync(Token);
        var outcome = await (await LookAsync(plan, Token)).VerifiedAsync(Database, Token);
        _servers.Report.Add(_fault, _recoveries, Tally.Of(outcome));
        Invariants.Hold(_hurt.HasFlag(Hurt.History) ? outcome.WithoutLost() : outcome, _seed);
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _ended.CancelAsync();
        await Workers.DisposeAsync();
        foreach (var background in _consuming.Concat(_producing))
            await background.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // The database goes with its servers: here they may not be there to drop it.
        _ending.Dispose();
        _ended.Dispose();
    }

    // Well for so long that a fault that shows late is seen.
    private async Task<IReadOnlyList<Pause>> WaitUntilWellAsync(long since)
    {
        var isWell = await Polling.UntilAsync(_ => Task.FromResult(IsWell(since)), Patience, Token);
        Assert.True(isWell, $"{_fault}: not well after {Patience}: {Describe(since)}\nVOICE_TEST_SEED={_seed}");
        return _timeline.Since(since);
    }

    private bool IsWell(long since)
    {
        var calm = Stopwatch.GetTimestamp() - FaultMoment.Calm * Stopwatch.Frequency;
        return since < calm && _timeline.Since((long)calm).All(pause => !FaultMoment.IsTooLong(pause));
    }

    private string Describe(long since) => string.Join("; ", _timeline.Since(since).Where(FaultMoment.IsTooLong)
        .GroupBy(pause => pause.Of).Select(pauses =>
            $"{pauses.Key}: {pauses.Count()} times, the longest {pauses.Max(pause => pause.Length)}"));

    private string OnServer(LocalPostgres server) => new NpgsqlConnectionStringBuilder(server.ConnectionString)
    {
        Database = new NpgsqlConnectionStringBuilder(Database.ConnectionString).Database,
    }.ConnectionString;

    private static async Task<HashSet<string>> ReadAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(Token);
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(Token);
        var found = new HashSet<string>(StringComparer.Ordinal);
        while (await reader.ReadAsync(Token))
            found.Add(reader.GetString(0));
        return found;
    }

    private Message Next()
    {
        lock (_messages)
            return _messages[_taken++];
    }

    private void Confirm(Message message) => _timeline.Confirm(message.Cause);

    private void TakeEvent(Delivery delivery)
    {
        if (Outcome.CauseOf(delivery) is { } cause)
            _timeline.Arrive(cause);
        _audit.Take(delivery);
    }

    private void TakeReply(Delivery delivery)
    {
        _timeline.Beat("replies");
        _replies.Take(delivery);
    }

    private async Task<Outcome> LookAsync(TrafficPlan plan, CancellationToken cancellationToken)
    {
        var recorded = await Recorded.ReadAsync(Database, cancellationToken);
        await using var connection = await PlainConnection.OpenAsync(Nodes, "verdict", cancellationToken);
        var queues = new Dictionary<string, uint>();
        foreach (var queue in Topology.WorkerQueues.SelectMany(Topology.WithItsDead))
            queues[queue] = await Topology.CountAsync(connection, queue, cancellationToken);
        return new Outcome(_hurt, plan, recorded, _audit.Deliveries(), _replies.Deliveries(), queues);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
