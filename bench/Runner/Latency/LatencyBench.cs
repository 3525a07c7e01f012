using System.Globalization;
using VoiceWorker.Bench.Broker;
using VoiceWorker.Bench.Machine;
using VoiceWorker.Bench.Results;
using VoiceWorker.Bench.Systems;

namespace VoiceWorker.Bench.Latency;

/// <summary>Baseline and worker in turn, A B A B …, at each rate: how long a reply takes, and how long an audit event.</summary>
internal static class LatencyBench
{
    private const string Heading = "system        per s   reply p50     p99     max   audit p50     p99     max   sent p99";

    /// <summary>0 when no run lost, doubled or falsified anything, else 1.</summary>
    public static async Task<int> RunAsync(LatencyOptions options, CancellationToken cancellationToken)
    {
        var surroundings = Surroundings.Now();
        await using var servers = await BenchServers.FindAsync(cancellationToken);
        var runs = new List<LatencyFigures>();
        Console.WriteLine($"milliseconds from the moment at which a call was due\n{Heading}");
        for (var round = 1; round <= options.Rounds; round++)
        {
            foreach (var system in new[] { SystemUnderTest.Baseline("quorum"), SystemUnderTest.Worker() })
            {
                await using var broker = await BenchBroker.OpenAsync(servers.RabbitMq.AmqpUri, cancellationToken);
                var figures = await new LatencyRun(servers, broker, system, options).MeasureAsync(cancellationToken);
                Print(figures);
                runs.AddRange(figures);
            }
        }

        return await ReportAsync(options, surroundings, runs, cancellationToken);
    }

    private static async Task<int> ReportAsync(
        LatencyOptions options, Surroundings surroundings, IReadOnlyList<LatencyFigures> runs, CancellationToken cancellationToken)
    {
        var medians = runs.GroupBy(run => (run.System, run.PerSecond)).Select(LatencySummary.Of).ToList();
        Console.WriteLine($"\nmedians of {options.Rounds} rounds\n{Heading}");
        Print(medians);
        LatencySummary.PrintRatios(medians);
        await new ResultFiles("latency").WriteAsync(
            new { surroundings, options, medians, runs }, BarChart.Render("Latency", "milliseconds", LatencySummary.Bars(runs)), cancellationToken);
        return runs.All(run => run.Verdict.IsClean) ? 0 : 1;
    }

    private static void Print(IReadOnlyList<LatencyFigures> figures)
    {
        foreach (var at in figures)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{at.System,-10}{at.PerSecond,9}{Cells(at.Reply)}{Cells(at.Audit)}{at.Generator.P99,11:0.0}"));
        }

        if (!figures[0].Verdict.IsClean)
            Console.WriteLine($"NOT CLEAN: {figures[0].Verdict}");
    }

    private static string Cells(Delays delays) =>
        string.Create(CultureInfo.InvariantCulture, $"{delays.P50,12:0.0}{delays.P99,8:0.0}{delays.Max,8:0.0}");
}
