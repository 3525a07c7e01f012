using System.Globalization;
using System.Text.Json;
using VoiceWorker.Infrastructure.Processes;

namespace VoiceWorker.Bench;

/// <summary>One start: milliseconds from the process to each line that it logged until it was ready, in their order,
/// and the CPU that it took.</summary>
internal sealed record StartFigures(IReadOnlyList<(string Stage, double Milliseconds)> Stages, double CpuSeconds);

/// <summary>How long the worker takes until it consumes, on a schema that is at its target, with files that are in the
/// page cache: one start after the other, and where there is one, by turns with another build.</summary>
internal sealed class StartBench(Stage stage, int starts, string? beside, CancellationToken cancellationToken)
{
    private const int NameWidth = 52;
    private const string Ready = "Ready";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>0; a worker that does not start throws.</summary>
    public async Task<int> RunAsync()
    {
        var worker = SystemUnderTest.Worker();
        List<SystemUnderTest> builds = [worker];
        if (beside is not null)
            builds.Add(SystemUnderTest.Build(beside));
        await using var database = await stage.CreateDatabaseAsync(cancellationToken);
        // Migrates, makes the queues and fills the page cache.
        foreach (var build in builds)
            await StartAsync(build, database);
        var runs = new List<(string Build, StartFigures Figures)>();
        for (var start = 0; start < starts; start++)
        {
            foreach (var build in builds)
                runs.Add((build.Name, await StartAsync(build, database)));
        }

        await stage.Broker.DeleteAsync(worker.AllQueues, cancellationToken);
        Console.WriteLine($"{stage.Surroundings}\n\nms from the start of the process, "
            + $"median (least–most) of {starts} starts; the last column is the step from the line before");
        var rows = runs.GroupBy(run => run.Build, run => run.Figures).SelectMany(Print).ToList();
        await stage.WriteAsync(
            "start", ["stage", .. Enumerable.Range(1, starts).Select(n => $"start {n}")], rows, cancellationToken);
        return 0;
    }

    // Nothing asks the worker while it starts: what it logs says when. Without the probe, which is code to load.
    private async Task<StartFigures> StartAsync(SystemUnderTest build, BenchDatabase database)
    {
        var environment = new Dictionary<string, string>(build.SettingsOf(stage, database))
        {
            ["Logging__LogLevel__VoiceWorker"] = "Debug", ["Logging__LogLevel__Microsoft.Hosting.Lifetime"] = "None",
        };
        var begun = TimeProvider.System.GetUtcNow();
        await using var process = WorkerProcess.Start(build.Program, environment, []);
        var lines = new List<(string Stage, double Milliseconds)>();
        var isReady = await Polling.UntilAsync(_ =>
        {
            lines = [.. process.Output.Where(line => line.StartsWith('{')).Select(line => Parse(line, begun))];
            return Task.FromResult(process.HasExited || lines.Any(IsReady));
        }, Patience, cancellationToken);
        if (!isReady || process.HasExited)
            throw new InvalidOperationException("The worker does not start. Its output:\n"
                + string.Join('\n', process.Output));
        var cpu = CpuFigures.Of([process.Id]);
        await process.TerminateAsync(cancellationToken);
        return new StartFigures([.. lines.Take(lines.FindIndex(IsReady) + 1)], cpu);
    }

    private static bool IsReady((string Stage, double Milliseconds) line) => line.Stage == Ready;

    // The event, with what tells several of one kind apart.
    private static (string Stage, double Milliseconds) Parse(string line, DateTimeOffset begun)
    {
        using var json = JsonDocument.Parse(line);
        var logged = json.RootElement;
        var name = logged.TryGetProperty("event", out var named) ? named.GetString()! : "?";
        var message = logged.GetProperty("message").GetString()!.Split('\n')[0].Replace(',', ';');
        return (name == Ready ? name : message[..Math.Min(message.Length, NameWidth - 2)],
            (logged.GetProperty("timestamp").GetDateTimeOffset() - begun).TotalMilliseconds);
    }

    // The stages of the first start, as far as every start has them; of a line that is there twice the first.
    private static IEnumerable<(string First, IEnumerable<double> Others)> Print(
        IGrouping<string, StartFigures> runs)
    {
        var stages = runs.First().Stages.Select(line => line.Stage).Distinct()
            .Where(name => runs.All(run => run.Stages.Any(line => line.Stage == name)))
            .Select(name => (Name: name, Milliseconds: runs.Select(
                run => run.Stages.First(line => line.Stage == name).Milliseconds)))
            .OrderBy(line => Spread.Of(line.Milliseconds).Median).ToList();
        Console.WriteLine($"\n{runs.Key}");
        var before = 0.0;
        foreach (var (name, milliseconds) in stages)
        {
            var spread = Spread.Of(milliseconds);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{name.PadRight(NameWidth)}{spread.ToText("#,0"),24}{spread.Median - before,10:+#,0}"));
            before = spread.Median;
        }

        Console.WriteLine($"{"CPU s until then".PadRight(NameWidth)}"
            + $"{Spread.Of(runs.Select(run => run.CpuSeconds)).ToText("0.00"),24}");
        return stages.Select(line => ($"{runs.Key}: {line.Name}", line.Milliseconds));
    }
}
