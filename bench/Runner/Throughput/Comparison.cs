using VoiceWorker.Bench.Results;

namespace VoiceWorker.Bench.Throughput;

/// <summary>The runs of each system beside each other: medians, spread, ratio.</summary>
internal sealed class Comparison(IReadOnlyList<RunFigures> runs)
{
    private const int NameWidth = 20;
    private const int ColumnWidth = 26;

    private readonly List<IGrouping<string, RunFigures>> _systems = [.. runs.GroupBy(run => run.System)];

    /// <summary>Prints it, and writes figures and chart; 0 when every run is clean, else 1.</summary>
    /// <param name="name">Of the files.</param>
    /// <param name="title">Of the chart.</param>
    /// <param name="document">From the figures to all that the file has.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<int> ReportAsync(
        string name, string title, Func<object, object> document, CancellationToken cancellationToken)
    {
        Print();
        await new ResultFiles(name).WriteAsync(
            document(Figures), BarChart.Render(title, "messages per second", Bars), cancellationToken);
        return IsClean ? 0 : 1;
    }

    // Rate of the last system by that of the first, in each round; null for a single system.
    private Spread? Ratio => _systems.Count < 2 ? null
        : Spread.Of(_systems[^1].Zip(_systems[0], (last, first) => last.Rate / first.Rate));

    // CPU of the last system by that of the first, each with its share of broker and database.
    private double? CpuRatio => _systems.Count < 2 ? null
        : Spread.Of(_systems[^1].Select(run => run.Cpu.Total)).Median / Spread.Of(_systems[0].Select(run => run.Cpu.Total)).Median;

    private bool IsClean => runs.All(run => run.Verdict.IsClean);

    private IReadOnlyList<Bar> Bars =>
        [.. _systems.Select(system => new Bar(system.Key, system.Key, Spread.Of(system.Select(run => run.Rate))))];

    private object Figures => new
    {
        ratio = Ratio,
        cpuRatio = CpuRatio,
        systems = _systems.Select(system => new
        {
            name = system.Key,
            rate = Spread.Of(system.Select(run => run.Rate)),
            cpuSecondsPer10k = new
            {
                system = Spread.Of(system.Select(run => run.Cpu.System)),
                broker = Spread.Of(system.Select(run => run.Cpu.Broker)),
                database = Spread.Of(system.Select(run => run.Cpu.Database)),
            },
            allocatedBytesPerMessage = Spread.Of(system.Select(run => run.AllocatedPerMessage)),
            residentMiB = Spread.Of(system.Select(run => run.ResidentMiB)),
        }),
        runs,
    };

    private void Print()
    {
        Row("", _systems.Select(system => system.Key));
        Row("messages/s", Cells(run => run.Rate, "#,0"));
        Row("CPU s/10k: itself", Cells(run => run.Cpu.System, "0.00"));
        Row("  broker", Cells(run => run.Cpu.Broker, "0.00"));
        Row("  database", Cells(run => run.Cpu.Database, "0.00"));
        Row("allocated B/message", Cells(run => run.AllocatedPerMessage, "#,0"));
        Row("GC pauses, ms", Cells(run => run.PauseMs, "0"));
        Row("resident, MiB", Cells(run => run.ResidentMiB, "0"));
        foreach (var run in runs.Where(run => !run.Verdict.IsClean))
            Console.WriteLine($"{run.System}: {run.Verdict}");
        Console.WriteLine(IsClean ? "0 lost, 0 doubled, 0 wrong in every run" : "NOT CLEAN");
        if (Ratio is { } ratio)
            Console.WriteLine($"ratio {_systems[^1].Key} / {_systems[0].Key}: {ratio.ToText("0.00")}; CPU of all that takes part: {CpuRatio:0.00}");
    }

    private IEnumerable<string> Cells(Func<RunFigures, double?> figure, string format) =>
        _systems.Select(system => Spread.Of(system.Select(figure))?.ToText(format) ?? "not measured");

    private static void Row(string name, IEnumerable<string> cells) => Console.WriteLine(
        name.PadRight(NameWidth) + string.Concat(cells.Select(cell => cell.PadLeft(ColumnWidth))));
}
