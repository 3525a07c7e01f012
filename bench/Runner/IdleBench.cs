using System.Globalization;
using VoiceWorker.Infrastructure.Processes;

namespace VoiceWorker.Bench;

/// <summary>What a worker costs that has nothing or little to do, and how long a caller waits who is alone.</summary>
internal sealed class IdleBench(Stage stage, int seconds, int calls, CancellationToken cancellationToken)
{
    private const int WarmUp = 500;
    private const int WarmUpRate = 100;
    private const int FewPerSecond = 10;
    // One every 500 ms: the one before is answered, and everything sleeps again.
    private const int LonePerSecond = 2;
    // The JIT's second pass over the warm-up, and PostgreSQL's statistics of it, are not what an idle worker costs.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly string[] Columns =
    [
        "CPU %: worker", "broker", "database", "wake-ups/s", "transactions/s", "allocated KiB/s", "resident MiB",
    ];

    private readonly List<(string Phase, double[] Figures)> _phases = [];

    private IEnumerable<(string Phase, int Count, int PerSecond)> Asked =>
    [
        ($"{FewPerSecond} calls a second", FewPerSecond * seconds, FewPerSecond),
        ("a call every 500 ms", calls, LonePerSecond),
    ];

    /// <summary>0 when every call had its reply and its one right event, else 1.</summary>
    public async Task<int> RunAsync()
    {
        var work = new CallWork("idle", WarmUp + FewPerSecond * seconds + calls);
        var (callers, judge) = (new Callers(stage.Broker, work), new Judge(work.Count));
        var worker = SystemUnderTest.Worker();
        await using var database = await stage.CreateDatabaseAsync(cancellationToken);
        await using var running = await worker.StartAsync(stage, database, cancellationToken);
        await callers.FollowAsync(judge, cancellationToken);
        await callers.AskAsync(0, WarmUp, WarmUpRate, cancellationToken);
        await Task.Delay(Settling, cancellationToken);
        await LiveAsync(callers, running, database);
        var isComplete = await Polling.UntilAsync(
            _ => Task.FromResult(callers.IsComplete), Patience, cancellationToken);
        await running.StopAsync(cancellationToken);
        await stage.Broker.DeleteAsync([.. worker.AllQueues, callers.ReplyQueue], cancellationToken);
        Print(callers);
        return await ReportAsync(judge.Conclude(), isComplete);
    }

    private async Task LiveAsync(Callers callers, RunningSystem running, BenchDatabase database)
    {
        Console.WriteLine($"{stage.Surroundings}\n\n{"",-22}{string.Concat(Columns.Select(name => $"{name,17}"))}");
        await MeasureAsync("nothing to do", running, database,
            () => Task.Delay(TimeSpan.FromSeconds(seconds), cancellationToken));
        var first = WarmUp;
        foreach (var (phase, count, perSecond) in Asked)
        {
            await MeasureAsync(phase, running, database,
                () => callers.AskAsync(first, count, perSecond, cancellationToken));
            first += count;
        }
    }

    private async Task MeasureAsync(string phase, RunningSystem running, BenchDatabase database, Func<Task> live)
    {
        var (from, before) = (TimeProvider.System.GetTimestamp(), await ReadAsync(running, database));
        await live();
        var (length, after) = (TimeProvider.System.GetElapsedTime(from), await ReadAsync(running, database));
        // A share of a processor in percent, what is counted for each second.
        var rates = before.Zip(after, (then, now) => (now - then) / length.TotalSeconds).ToArray();
        double[] figures = [.. rates[..3].Select(share => 100 * share), .. rates[3..], running.ResidentMiB()];
        _phases.Add((phase, figures));
        Console.WriteLine($"{phase,-22}" + string.Concat(figures.Select(
            figure => string.Create(CultureInfo.InvariantCulture, $"{figure,17:0.00}"))));
    }

    private async Task<double[]> ReadAsync(RunningSystem running, BenchDatabase database)
    {
        var cpu = stage.ReadCpu(running);
        var transactions = await database.ScalarAsync<long>(
            "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()",
            cancellationToken);
        var (allocated, _) = await running.ProbeAsync(cancellationToken);
        return [cpu.System, cpu.Broker, cpu.Database, running.Ids.Sum(WakeUps), transactions, allocated / 1024.0];
    }

    // How often a thread had been waiting and was given a processor again.
    private static double WakeUps(int process)
    {
        const string Field = "voluntary_ctxt_switches:";
        return Directory.EnumerateDirectories($"/proc/{process}/task")
            .SelectMany(thread => ReadIfThere(Path.Combine(thread, "status")))
            .Where(line => line.StartsWith(Field, StringComparison.Ordinal))
            .Sum(line => long.Parse(line.AsSpan(Field.Length), NumberStyles.AllowLeadingWhite,
                CultureInfo.InvariantCulture));
    }

    private static string[] ReadIfThere(string file)
    {
        try
        {
            return File.ReadAllLines(file);
        }
        catch (IOException)
        {
            return [];
        }
    }

    private void Print(Callers callers)
    {
        Console.WriteLine("\nms from the moment at which a call was due, p50 / p99 / max");
        var first = WarmUp;
        foreach (var (phase, count, _) in Asked)
        {
            var (reply, audit, _) = callers.Of(first..(first + count));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{phase,-22}"
                + $"reply {reply.P50:0.0} / {reply.P99:0.0} / {reply.Max:0.0}   "
                + $"audit event {audit.P50:0.0} / {audit.P99:0.0} / {audit.Max:0.0}"));
            first += count;
        }
    }

    private async Task<int> ReportAsync(Verdict verdict, bool isComplete)
    {
        Console.WriteLine($"\n{verdict}" + (isComplete ? "" : "; a reply or an event did not come"));
        await stage.WriteAsync("idle", ["phase", .. Columns],
            _phases.Select(phase => (phase.Phase, phase.Figures.AsEnumerable())), cancellationToken);
        return isComplete && verdict.IsClean ? 0 : 1;
    }
}
