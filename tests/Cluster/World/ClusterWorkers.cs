using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Tests.Cluster.Traffic;
using VoiceWorker.Tests.Faults.Verdict;
using Xunit;

namespace VoiceWorker.Tests.Cluster.World;

/// <summary>The workers: one that is killed is replaced at once, as an orchestrator does it.</summary>
public sealed partial class ClusterWorkers(
    ClusterServers servers, LegacyDatabase database, Hurt hurt, Timeline timeline) : IAsyncDisposable
{
    private const int Count = 2;
    private static readonly TimeSpan ScrapeEvery = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan ScrapePatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource _ended = new();
    private readonly WorkerProcess[] _workers = new WorkerProcess[Count];
    private readonly List<WorkerProcess> _gone = [];
    private readonly List<Task> _watching = [];
    private readonly HttpClient _http = new() { Timeout = ScrapePatience };

    /// <summary>Those that run.</summary>
    public IReadOnlyList<WorkerProcess> Running => _workers;

    /// <summary>Starts them and waits until they consume.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        for (var place = 0; place < Count; place++)
            Start(place);
        await Task.WhenAll(_workers.Select(worker => worker.WaitReadyAsync(cancellationToken)));
        for (var place = 0; place < Count; place++)
            _watching.Add(WatchAsync(place, _ended.Token));
    }

    /// <summary>Kills one; another takes its place.</summary>
    public void Kill(WorkerProcess worker)
    {
        worker.Kill();
        _gone.Add(worker);
        Start(Array.IndexOf(_workers, worker));
    }

    /// <summary>The one that relays.</summary>
    public async Task<WorkerProcess> FindLeaderAsync(CancellationToken cancellationToken)
    {
        WorkerProcess? leader = null;
        var isFound = await Polling.UntilAsync(async token =>
        {
            foreach (var worker in _workers)
            {
                if (LeaderGauge().IsMatch(await ScrapeAsync(worker, token)))
                    leader = worker;
            }

            return leader is not null;
        }, Patience, cancellationToken);
        Assert.True(isFound, "no worker relays");
        return leader!;
    }

    /// <summary>Asks all to leave.</summary>
    public async Task LeaveAsync(CancellationToken cancellationToken)
    {
        await _ended.CancelAsync();
        await Task.WhenAll(_workers.Select(worker => worker.WaitReadyAsync(cancellationToken)));
        foreach (var code in await Task.WhenAll(_workers.Select(worker => worker.TerminateAsync(cancellationToken))))
            Assert.Equal(0, code);
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        foreach (var watch in _watching)
            await watch.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var worker in _workers.Concat(_gone).OfType<WorkerProcess>())
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"worker {worker.Id}:\n{string.Join('\n', worker.Output)}");
            if (Environment.GetEnvironmentVariable("VOICE_CLUSTER_LOGS") is { Length: > 0 } folder)
                await File.WriteAllLinesAsync(Path.Combine(folder, $"worker-{worker.Id}.log"), worker.Output);
            await worker.DisposeAsync();
        }

        _http.Dispose();
        _ended.Dispose();
    }

    private void Start(int place)
    {
        var postgres = new NpgsqlConnectionStringBuilder(database.ConnectionString) { CommandTimeout = 5 };
        var environment = new Dictionary<string, string>
        {
            ["ConnectionStrings__Postgres"] = postgres.ConnectionString,
            ["ConnectionStrings__RabbitMq"] = servers.RabbitMq.ConnectionString,
            // Often enough for a fault to meet one.
            ["Audit__SealEvents"] = "100",
        };
        // A busy machine must not turn a slow answer into another one; where the database is hurt, the deadline counts.
        if (!hurt.HasFlag(Hurt.Database))
            environment["Replies__Deadline"] = "00:00:30";
        _workers[place] = WorkerProcess.Start(WorkerProcess.Dll, environment, ["run"]);
    }

    // Each has its own pulse: how many calls it has answered, which grows as long as it consumes and commits.
    private async Task WatchAsync(int place, CancellationToken cancellationToken)
    {
        var (watched, answered) = (_workers[place], 0L);
        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(ScrapeEvery, cancellationToken);
            var now = Calls().Matches(await ScrapeAsync(watched, cancellationToken))
                .Sum(match => long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));
            if (now > answered)
                timeline.Beat($"worker {place + 1}");
            (watched, answered) = (_workers[place], watched == _workers[place] ? Math.Max(now, answered) : 0);
        }
    }

    private async Task<string> ScrapeAsync(WorkerProcess worker, CancellationToken cancellationToken)
    {
        try
        {
            return await _http.GetStringAsync(new Uri(worker.Http, "/metrics"), cancellationToken);
        }
        catch (Exception silent) when (silent is HttpRequestException or TaskCanceledException
            && !cancellationToken.IsCancellationRequested)
        {
            return "";
        }
    }

    [GeneratedRegex(@"^voice_worker_calls_total\{[^}]*\} (\d+)", RegexOptions.Multiline)]
    private static partial Regex Calls();

    [GeneratedRegex(@"^voice_worker_relay_leader(\{[^}]*\})? 1", RegexOptions.Multiline)]
    private static partial Regex LeaderGauge();
}
