using System.Globalization;
using VoiceWorker.Bench.Results;

namespace VoiceWorker.Bench.Latency;

/// <summary>All rounds together.</summary>
internal static class LatencySummary
{
    /// <summary>The median of each figure over the rounds.</summary>
    public static LatencyFigures Of(IEnumerable<LatencyFigures> rounds)
    {
        var runs = rounds.ToList();
        return runs[0] with
        {
            Reply = Median(runs, run => run.Reply), Audit = Median(runs, run => run.Audit), Generator = Median(runs, run => run.Generator),
            Verdict = runs.Select(run => run.Verdict).FirstOrDefault(verdict => !verdict.IsClean) ?? runs[0].Verdict,
        };
    }

    /// <summary>The last system by the first: its reply and its event, both by the event of the other.</summary>
    public static void PrintRatios(IReadOnlyList<LatencyFigures> medians)
    {
        Console.WriteLine("\nworker by the baseline's audit event:  reply p50     p99   audit p50     p99");
        foreach (var pair in medians.GroupBy(run => run.PerSecond))
        {
            var (limit, found) = (pair.First().Audit, pair.Last());
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{pair.Key,30} per s{found.Reply.P50 / limit.P50,12:0.00}{found.Reply.P99 / limit.P99,8:0.00}"
                + $"{found.Audit.P50 / limit.P50,12:0.00}{found.Audit.P99 / limit.P99,8:0.00}"));
        }
    }

    public static IReadOnlyList<Bar> Bars(IReadOnlyList<LatencyFigures> runs) =>
    [
        .. from rate in runs.GroupBy(run => run.PerSecond)
           from system in rate.GroupBy(run => run.System)
           from bar in new[]
           {
               Of($"{system.Key}, {rate.Key}/s: reply p50", "reply p50", system, run => run.Reply.P50),
               Of($"{system.Key}, {rate.Key}/s: reply p99", "reply p99", system, run => run.Reply.P99),
               Of($"{system.Key}, {rate.Key}/s: audit p50", "audit p50", system, run => run.Audit.P50),
               Of($"{system.Key}, {rate.Key}/s: audit p99", "audit p99", system, run => run.Audit.P99),
           }
           select bar,
    ];

    private static Bar Of(string label, string series, IEnumerable<LatencyFigures> runs, Func<LatencyFigures, double> figure) =>
        new(label, series, Spread.Of(runs.Select(figure)));

    private static Delays Median(List<LatencyFigures> runs, Func<LatencyFigures, Delays> of) => new(
        Spread.Of(runs.Select(run => of(run).P50)).Median, Spread.Of(runs.Select(run => of(run).P99)).Median,
        Spread.Of(runs.Select(run => of(run).Max)).Median);
}
