using System.Globalization;

namespace VoiceWorker.Bench;

/// <summary>What one run of one system came to: messages and CPU per second and per 10,000, bytes and pauses of its
/// own collector, its memory at the end, and what became of the messages.</summary>
internal sealed record RunFigures(
    string System, double Rate, CpuFigures Cpu, double AllocatedPerMessage, long PauseMs, double ResidentMiB,
    Verdict Verdict);

/// <summary>The runs of each system beside each other: medians, spread, ratio.</summary>
internal sealed class Comparison(IReadOnlyList<RunFigures> runs)
{
    private const int NameWidth = 20;
    private const int ColumnWidth = 26;

    private static readonly (string Name, string Format, Func<RunFigures, double> Of)[] Figures =
    [
        ("messages/s", "#,0", run => run.Rate),
        ("CPU s/10k: itself", "0.00", run => run.Cpu.System),
        ("  broker", "0.00", run => run.Cpu.Broker),
        ("  database", "0.00", run => run.Cpu.Database),
        ("allocated B/message", "#,0", run => run.AllocatedPerMessage),
        ("GC pauses in ms", "0", run => run.PauseMs),
        ("resident MiB", "0", run => run.ResidentMiB),
    ];

    private readonly List<IGrouping<string, RunFigures>> _systems = [.. runs.GroupBy(run => run.System)];

    /// <summary>Prints it, and writes a line for each run; 0 when every run is clean, else 1.</summary>
    public async Task<int> ReportAsync(string name, Stage stage, CancellationToken cancellationToken)
    {
        Row("", _systems.Select(system => system.Key));
        foreach (var (figure, format, of) in Figures)
            Row(figure, _systems.Select(system => Spread.Of(system.Select(of)).ToText(format)));
        foreach (var run in runs.Where(run => !run.Verdict.IsClean))
            Console.WriteLine($"{run.System}: {run.Verdict}");
        var isClean = runs.All(run => run.Verdict.IsClean);
        Console.WriteLine(isClean ? "0 lost, 0 doubled, 0 wrong in every run" : "NOT CLEAN");
        foreach (var system in _systems.Skip(1))
            PrintRatio(system, _systems[0]);

        await stage.WriteAsync(
            name, ["system", .. Figures.Select(figure => figure.Name.Trim())],
            runs.Select(run => (run.System, Figures.Select(figure => figure.Of(run)))), cancellationToken);
        return isClean ? 0 : 1;
    }

    // In each round; the CPU with the shares of broker and database.
    private static void PrintRatio(IGrouping<string, RunFigures> system, IGrouping<string, RunFigures> limit)
    {
        var ratio = Spread.Of(system.Zip(limit, (run, best) => run.Rate / best.Rate));
        var cpu = MedianCpu(system) / MedianCpu(limit);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"ratio {system.Key} / {limit.Key}: {ratio.ToText("0.00")}; CPU of all that takes part: {cpu:0.00}"));
    }

    private static double MedianCpu(IEnumerable<RunFigures> runs) =>
        Spread.Of(runs.Select(run => run.Cpu.Total)).Median;

    private static void Row(string name, IEnumerable<string> cells) => Console.WriteLine(
        name.PadRight(NameWidth) + string.Concat(cells.Select(cell => cell.PadLeft(ColumnWidth))));
}

/// <summary>A figure measured several times.</summary>
internal sealed record Spread(double Median, double Least, double Most)
{
    public static Spread Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        var median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[^1]);
    }

    public string ToText(string format)
    {
        string Text(double value) => value.ToString(format, CultureInfo.InvariantCulture);
        return double.IsNaN(Least) ? "not measured" : $"{Text(Median)} ({Text(Least)}–{Text(Most)})";
    }
}
