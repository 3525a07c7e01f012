using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Infrastructure.Servers;

namespace VoiceWorker.Bench;

/// <summary>A program that does the work, as published by bench/run, in so many processes; of its queues, that of calls
/// is the first.</summary>
internal sealed record SystemUnderTest(
    string Name, string Program, IReadOnlyList<string> Queues, IReadOnlyDictionary<string, string> Settings,
    int Processes = 1)
{
    /// <summary>How many tabs show the console of its first process.</summary>
    public int Tabs { get; init; }

    /// <summary>That of <see cref="Baseline"/>.</summary>
    public const string BaselineName = "baseline";

    /// <summary>Where all leave their audit events.</summary>
    public const string AuditQueue = "bench.audit";

    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LongDeadline = TimeSpan.FromSeconds(20);

    /// <summary>The queues of the worker, as its contract names them.</summary>
    public static IReadOnlyList<string> WorkerQueues { get; } =
        ["voice-worker.call-started", "voice-worker.business-voice-changed"];

    /// <summary>What a run leaves in the broker.</summary>
    public IReadOnlyList<string> AllQueues => [.. Queues, AuditQueue];

    /// <summary>As it is delivered. A late reply is to be seen as late, and not as another one: hence the long
    /// deadline.</summary>
    public static SystemUnderTest Worker(TimeSpan? deadline = null) => new(
        "worker", Published(Beside("worker"), "VoiceWorker"), WorkerQueues, new Dictionary<string, string>
        {
            ["Audit__DeclareQueue"] = AuditQueue,
            ["Replies__Deadline"] = (deadline ?? LongDeadline).ToString("c", CultureInfo.InvariantCulture),
        });

    /// <summary>The worker with the console beside it, in its process.</summary>
    /// <param name="tabs">How many show it.</param>
    public static SystemUnderTest WithConsole(int tabs) => Worker() with
    {
        Name = $"{tabs} tabs",
        Tabs = tabs,
        Settings = new Dictionary<string, string>(Worker().Settings)
        {
            ["Console__Enabled"] = "true", ["Console__Urls"] = $"http://127.0.0.1:{FreePort.Next()}",
        },
    };

    /// <summary>Another build of the worker, such as that of an earlier commit.</summary>
    /// <param name="folder">Where it is published; its name is the system's.</param>
    public static SystemUnderTest Build(string folder) => Worker() with
    {
        Name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))),
        Program = Published(folder, "VoiceWorker"),
    };

    /// <summary>bench/Baseline.</summary>
    public static SystemUnderTest Baseline(string queueType) =>
        OfBench(BaselineName, "VoiceWorker.Bench.Baseline", queueType);

    /// <summary>bench/peers/Wolverine, which bench/run publishes when it is asked for.</summary>
    public static SystemUnderTest Wolverine(string queueType) =>
        OfBench("wolverine", "VoiceWorker.Bench.Wolverine", queueType);

    /// <summary>The bench's own part that runs inside the others.</summary>
    public static string Probe { get; } = Beside("probe", "VoiceWorker.Bench.Probe.dll");

    // The program where it has its own runtime, else what dotnet starts.
    private static string Published(string folder, string name)
    {
        var program = Path.GetFullPath(Path.Combine(folder, name));
        return File.Exists(Path.Combine(folder, "libcoreclr.so")) ? program : $"{program}.dll";
    }

    private static string Beside(string folder, string file = "") =>
        Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", folder, file));

    /// <summary>Starts it with the probe inside; returns when each process consumes.</summary>
    /// <exception cref="InvalidOperationException">It does not; the message has its output.</exception>
    public async Task<RunningSystem> StartAsync(
        Stage stage, BenchDatabase database, CancellationToken cancellationToken)
    {
        var running = new RunningSystem(
            [.. Enumerable.Range(0, Processes).Select(_ => StartProcess(stage, database))]);
        var consumes = await Polling.UntilAsync(
            async token => running.HasExited || await stage.Broker.ConsumersAsync(Queues[0], token) >= Processes,
            StartLimit, cancellationToken);
        if (consumes && !running.HasExited)
            return await running.OpenAsync(Tabs, cancellationToken);
        await running.DisposeAsync();
        throw new InvalidOperationException($"The {Name} does not consume. Its output:\n{running.Output}");
    }

    /// <summary>Its own, and where its servers are.</summary>
    public IReadOnlyDictionary<string, string> SettingsOf(Stage stage, BenchDatabase database) =>
        new Dictionary<string, string>(Settings)
        {
            ["ConnectionStrings__Postgres"] = database.ConnectionString,
            ["ConnectionStrings__RabbitMq"] = stage.RabbitMq.ToString(),
        };

    private static SystemUnderTest OfBench(string name, string assembly, string queueType) => new(
        name, Published(Beside(name), assembly), [$"bench.{name}"], new Dictionary<string, string>
        {
            ["BENCH_QUEUE"] = $"bench.{name}", ["BENCH_AUDIT_QUEUE"] = AuditQueue, ["BENCH_QUEUE_TYPE"] = queueType,
        });

    private (WorkerProcess Process, string Probe) StartProcess(Stage stage, BenchDatabase database)
    {
        var probe = Path.Combine(Path.GetTempPath(), $"voice-bench-{Guid.NewGuid():N}");
        var process = WorkerProcess.Start(Program, new Dictionary<string, string>(SettingsOf(stage, database))
        {
            ["DOTNET_STARTUP_HOOKS"] = Probe,
            ["VOICE_BENCH_PROBE"] = probe,
        }, []);
        return (process, probe);
    }
}

/// <summary>A system under test, as its processes.</summary>
internal sealed class RunningSystem(IReadOnlyList<(WorkerProcess Process, string Probe)> members) : IAsyncDisposable
{
    private const int MaxLine = 100;
    private OpenTabs? _tabs;

    public bool HasExited => members.Any(member => member.Process.HasExited);

    public IEnumerable<int> Ids => members.Select(member => member.Process.Id);

    public string Output =>
        string.Join("\n\n", members.Select(member => string.Join('\n', member.Process.Output.TakeLast(20))));

    public double ResidentMiB() => Ids.Sum(id =>
    {
        using var now = Process.GetProcessById(id);
        return now.WorkingSet64 / 1024.0 / 1024;
    });

    public void Suspend()
    {
        foreach (var (process, _) in members)
            process.Suspend();
    }

    public void Resume()
    {
        foreach (var (process, _) in members)
            process.Resume();
    }

    /// <summary>What bench/Probe says inside the processes, which must not be suspended, in sum.</summary>
    public async Task<(long AllocatedBytes, long PauseMs)> ProbeAsync(CancellationToken cancellationToken)
    {
        var readings = await Task.WhenAll(members.Select(member => ProbeAsync(member.Probe, cancellationToken)));
        return (readings.Sum(reading => reading.AllocatedBytes), readings.Sum(reading => reading.PauseMs));
    }

    private static async Task<(long AllocatedBytes, long PauseMs)> ProbeAsync(
        string probe, CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(probe), cancellationToken);
        var buffer = new byte[MaxLine];
        var length = await socket.ReceiveAsync(buffer, cancellationToken);
        var numbers = Encoding.ASCII.GetString(buffer, 0, length).Split(' ')
            .Select(number => long.Parse(number, CultureInfo.InvariantCulture)).ToArray();
        return (numbers[0], numbers[1]);
    }

    /// <summary>Shows the console of the first process in so many tabs.</summary>
    public async Task<RunningSystem> OpenAsync(int tabs, CancellationToken cancellationToken)
    {
        if (tabs > 0)
            _tabs = await OpenTabs.OpenAsync(members[0].Process, tabs, cancellationToken);
        return this;
    }

    /// <summary>Somebody at the console of the first process.</summary>
    public Task<HttpClient> SignInAsync(CancellationToken cancellationToken) =>
        OpenTabs.SignInAsync(members[0].Process, cancellationToken);

    /// <summary>In order: afterwards nothing more comes from it.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_tabs is not null)
            Console.WriteLine($"          {await _tabs.CloseAsync()}");
        await Task.WhenAll(members.Select(member => member.Process.TerminateAsync(cancellationToken)));
    }

    public async ValueTask DisposeAsync()
    {
        if (_tabs is not null)
            await _tabs.DisposeAsync();
        foreach (var (process, probe) in members)
        {
            await process.DisposeAsync();
            File.Delete(probe);
        }
    }
}
