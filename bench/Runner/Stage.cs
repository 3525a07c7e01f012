using System.Globalization;
using System.Runtime.InteropServices;
using VoiceWorker.Infrastructure.Servers;

namespace VoiceWorker.Bench;

/// <summary>The servers of this run, with the settings that they come with (fsync and synchronous_commit are on), and
/// the bench's connection to the broker.</summary>
internal sealed class Stage : IAsyncDisposable
{
    private const string Folder = "bench/results";

    private readonly ServerPair _servers;

    private Stage(ServerPair servers, BenchBroker broker, string surroundings) =>
        (_servers, Broker, Surroundings) = (servers, broker, surroundings);

    public BenchBroker Broker { get; }

    /// <summary>Where figures come from. They compare only within one run.</summary>
    public string Surroundings { get; }

    public PostgresServer Postgres => _servers.Postgres;

    public Uri RabbitMq => _servers.RabbitMq.AmqpUri;

    public static async Task<Stage> OpenAsync(CancellationToken cancellationToken)
    {
        var arguments = string.Join(' ', Environment.GetCommandLineArgs().Skip(1));
        var surroundings = FormattableString.Invariant(
            $"{arguments}: {TimeProvider.System.GetUtcNow():u}, load average {LoadAverage():0.0}, ")
            + $"{Environment.ProcessorCount} cores, {RuntimeInformation.FrameworkDescription}";
        var options = new ServerOptions { Progress = Console.Error.WriteLine };
        var servers = await ServerPair.FindAsync(options, cancellationToken);
        try
        {
            var broker = servers.RabbitMq.AmqpUri;
            return new Stage(servers, await BenchBroker.OpenAsync(broker, cancellationToken), surroundings);
        }
        catch
        {
            await servers.DisposeAsync();
            throw;
        }
    }

    public Task<BenchDatabase> CreateDatabaseAsync(CancellationToken cancellationToken) =>
        BenchDatabase.CreateAsync(Postgres, cancellationToken);

    /// <summary>CPU seconds so far of all that takes part.</summary>
    public CpuFigures ReadCpu(RunningSystem system) =>
        new(CpuFigures.Of(system.Ids), OfServer(_servers.RabbitMq), OfServer(_servers.Postgres));

    /// <summary>Of the last minute: much above 1 before a run means that somebody else is measured too.</summary>
    public static double LoadAverage() =>
        double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);

    /// <summary>Writes figures as CSV below bench/results.</summary>
    public async Task WriteAsync(
        string name, IEnumerable<string> columns, IEnumerable<(string First, IEnumerable<double> Others)> rows,
        CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Folder);
        var file = Path.Combine(Folder, $"{name}.csv");
        var lines = rows.Select(row => string.Join(
            ',', [row.First, .. row.Others.Select(value => value.ToString("0.###", CultureInfo.InvariantCulture))]));
        await File.WriteAllLinesAsync(
            file, [$"# {Surroundings}", string.Join(',', columns), .. lines], cancellationToken);
        Console.WriteLine($"\n{file} is written.");
    }

    public async ValueTask DisposeAsync()
    {
        await Broker.DisposeAsync();
        await _servers.DisposeAsync();
    }

    private static double OfServer(object server) =>
        server is ILocalServer local ? CpuFigures.Of(local.Processes()) : double.NaN;
}

/// <summary>CPU seconds; NaN where the processes are not on this machine.</summary>
internal sealed record CpuFigures(double System, double Broker, double Database)
{
    // /proc counts in ticks of 10 ms on every Linux that .NET runs on.
    private const double Ticks = 100;
    private const int UserTime = 11;
    private const int TimeFields = 4;

    public double Total => System + Broker + Database;

    /// <summary>From then until now, per 10,000 messages.</summary>
    public CpuFigures Per10K(CpuFigures then, int messages)
    {
        var share = 10_000.0 / messages;
        return new((System - then.System) * share, (Broker - then.Broker) * share, (Database - then.Database) * share);
    }

    /// <summary>Of processes and of their children that have ended, which their parent has on its account: so a
    /// server's backends stay in the sum when they are gone.</summary>
    public static double Of(IEnumerable<int> processes) => processes.Sum(Of) / Ticks;

    private static long Of(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            // The name before it may have spaces and brackets.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields.Skip(UserTime).Take(TimeFields).Sum(field => long.Parse(field, CultureInfo.InvariantCulture));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
