using System.Globalization;
using VoiceWorker.Infrastructure.Processes;

namespace VoiceWorker.Bench;

/// <summary>One rate in one run of one system, or the median of some: the figures are as in the heading.</summary>
internal sealed record LatencyFigures(string System, int PerSecond, double[] Figures);

/// <summary>Two systems in turn, A B A B …, at each rate: how long a reply takes, how long an audit event, and what CPU
/// that costs. Every call asks for a reply.</summary>
internal sealed class LatencyBench(
    Stage stage, IReadOnlyList<int> rates, int seconds, int rounds, CancellationToken cancellationToken)
{
    private const int WarmUp = 500;
    private const string Heading =
        "system        per s   reply p50     p99     max   audit p50     p99     max   sent p99   "
        + "CPU s/10k: itself  broker  database";
    private static readonly string[] Columns =
    [
        "reply p50", "reply p99", "reply max", "audit p50", "audit p99", "audit max", "sent p99",
        "CPU s/10k: itself", "broker", "database",
    ];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<LatencyFigures> _runs = [];
    private readonly List<Verdict> _verdicts = [];

    /// <summary>The baseline and the worker.</summary>
    public Task<int> CompareSystemsAsync() =>
        TakeTurnsAsync("latency", [SystemUnderTest.Baseline("quorum"), SystemUnderTest.Worker()]);

    /// <summary>The worker alone, and with its console open in so many tabs.</summary>
    public Task<int> CompareConsoleAsync(int tabs) =>
        TakeTurnsAsync("console-latency", [SystemUnderTest.Worker(), SystemUnderTest.WithConsole(tabs)]);

    // 0 when no run lost, doubled or falsified anything, else 1.
    private async Task<int> TakeTurnsAsync(string name, IReadOnlyList<SystemUnderTest> systems)
    {
        Console.WriteLine($"milliseconds from the moment at which a call was due\n{Heading}");
        for (var round = 1; round <= rounds; round++)
        {
            foreach (var system in systems)
                await MeasureAsync(system);
        }

        Console.WriteLine($"\nmedians of {rounds} rounds\n{Heading}");
        var medians = _runs.GroupBy(run => (run.System, run.PerSecond)).Select(group => new LatencyFigures(
            group.Key.System, group.Key.PerSecond, [.. Columns.Select((_, column) => Spread.Of(
                group.Select(run => run.Figures[column])).Median)])).ToList();
        medians.ForEach(Print);
        PrintRatios(medians);
        await stage.WriteAsync(name, ["system", "per s", .. Columns], _runs.Select(run =>
            (run.System, run.Figures.Prepend(run.PerSecond))), cancellationToken);
        return _verdicts.All(verdict => verdict.IsClean) ? 0 : 1;
    }

    // A warm-up, then each rate for a while.
    private async Task MeasureAsync(SystemUnderTest system)
    {
        var work = new CallWork("bench", WarmUp + rates.Sum() * seconds);
        var judge = new Judge(work.Count);
        await using var callers = new Callers(stage.Broker, work);
        await using var database = await stage.CreateDatabaseAsync(cancellationToken);
        await using var running = await system.StartAsync(stage, database, cancellationToken);
        await callers.FollowAsync(judge, cancellationToken);
        var cpu = await AskAsync(callers, running);
        await Polling.UntilAsync(_ => Task.FromResult(callers.IsComplete), Patience, cancellationToken);
        await running.StopAsync(cancellationToken);
        await stage.Broker.DeleteAsync([.. system.AllQueues, callers.ReplyQueue], cancellationToken);
        if (!callers.IsComplete)
            throw new InvalidOperationException($"{system.Name}: a reply or an event did not come within {Patience}: "
                + $"{callers.Missing()}\n{judge.Conclude()}. Its output:\n{running.Output}");
        Note(system, callers, cpu, judge.Conclude());
    }

    // The CPU of each rate.
    private async Task<IReadOnlyList<CpuFigures>> AskAsync(Callers callers, RunningSystem running)
    {
        await callers.AskAsync(0, WarmUp, rates[0], cancellationToken);
        var (first, cpu) = (WarmUp, new List<CpuFigures>());
        foreach (var rate in rates)
        {
            var before = stage.ReadCpu(running);
            await callers.AskAsync(first, rate * seconds, rate, cancellationToken);
            cpu.Add(stage.ReadCpu(running).Per10K(before, rate * seconds));
            first += rate * seconds;
        }

        return cpu;
    }

    private void Note(SystemUnderTest system, Callers callers, IReadOnlyList<CpuFigures> cpu, Verdict verdict)
    {
        var first = WarmUp;
        foreach (var (rate, used) in rates.Zip(cpu))
        {
            var (reply, audit, generator) = callers.Of(first..(first + rate * seconds));
            _runs.Add(new LatencyFigures(system.Name, rate,
            [
                reply.P50, reply.P99, reply.Max, audit.P50, audit.P99, audit.Max, generator.P99,
                used.System, used.Broker, used.Database,
            ]));
            Print(_runs[^1]);
            first += rate * seconds;
        }

        _verdicts.Add(verdict);
        if (!verdict.IsClean)
            Console.WriteLine($"NOT CLEAN: {verdict}");
    }

    // The last system by the first: its reply by that of the other, or where the other is the baseline, by its event.
    private static void PrintRatios(List<LatencyFigures> medians)
    {
        var (first, last) = (medians[0].System, medians[^1].System);
        var reply = first == SystemUnderTest.BaselineName ? 3 : 0;
        Console.WriteLine($"\n{(reply == 0 ? $"{last} by {first}" : $"{last} by the {first}'s audit event")}:"
            + "  reply p50     p99   audit p50     p99");
        foreach (var pair in medians.GroupBy(run => run.PerSecond))
        {
            var (limit, found) = (pair.First().Figures, pair.Last().Figures);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{pair.Key,30} per s{found[0] / limit[reply],12:0.00}{found[1] / limit[reply + 1],8:0.00}"
                + $"{found[3] / limit[3],12:0.00}{found[4] / limit[4],8:0.00}"));
        }
    }

    private static void Print(LatencyFigures at) => Console.WriteLine(string.Format(CultureInfo.InvariantCulture,
        "{0,-10}{1,9}{2,12:0.0}{3,8:0.0}{4,8:0.0}{5,12:0.0}{6,8:0.0}{7,8:0.0}{8,11:0.0}"
            + "{9,20:0.00}{10,8:0.00}{11,10:0.00}",
        [at.System, at.PerSecond, .. at.Figures]));
}
