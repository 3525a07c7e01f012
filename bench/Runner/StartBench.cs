using System.Globalization;
using System.Text.Json;
using VoiceWorker.Infrastructure.Processes;

namespace VoiceWorker.Bench;

/// <summary>One start: milliseconds from the process to each line that it logged until it was ready, in their order,
/// and the CPU that it took.</summary>
internal sealed record StartFigures(IReadOnlyList<(string Stage, double Milliseconds)> Stages, double CpuSeconds);

/// <summary>How long the worker takes until it consumes, on a schema that is at its target, with files that are in the
/// page cache: one start after the other.</summary>
internal sealed class StartBench(Stage stage, int starts, CancellationToken cancellationToken)
{
    private const int NameWidth = 52;
    private const string Ready = "Ready";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly SystemUnderTest _worker = SystemUnderTest.Worker();

    /// <summary>0; a worker that does not start throws.</summary>
    public async Task<int> RunAsync()
    {
        await using var database = await stage.CreateDatabaseAsync(cancellationToken);
        // Migrates, makes the queues and fills the page cache.
        await StartAsync(database);
        var runs = new List<StartFigures>();
        for (var start = 0; start < starts; start++)
            runs.Add(await StartAsync(database));
        await stage.Broker.DeleteAsync(_worker.AllQueues, cancellationToken);
        await ReportAsync(runs);
        return 0;
    }

    // Nothing asks the worker while it starts: what it logs says when. Without the probe, which is code to load.
    private async Task<StartFigures> StartAsync(BenchDatabase database)
    {
        var environment = new Dictionary<string, string>(_worker.SettingsOf(stage, database))
        {
            ["Logging__LogLevel__VoiceWorker"] = "Debug", ["Logging__LogLevel__Microsoft.Hosting.Lifetime"] = "None",
        };
        var begun = TimeProvider.System.GetUtcNow();
        await using var process = WorkerProcess.Start(_worker.Dll, environment, []);
        var lines = new List<(string Stage, double Milliseconds)>();
        var isReady = await Polling.UntilAsync(_ =>
        {
            lines = [.. process.Output.Select(line => Parse(line, begun))];
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

    private async Task ReportAsync(List<StartFigures> runs)
    {
        Console.WriteLine($"{stage.Surroundings}\n\nms from the start of the process, "
            + $"median (least–most) of {runs.Count} starts; the last column is the step from the line before\n");
        // Of the first start, as far as every start has it; of a line that is there twice the first.
        var stages = runs[0].Stages.Select(line => line.Stage).Distinct()
            .Where(name => runs.All(run => run.Stages.Any(line => line.Stage == name)))
            .Select(name => (Name: name, Milliseconds: runs.Select(
                run => run.Stages.First(line => line.Stage == name).Milliseconds).ToList()))
            .OrderBy(line => Spread.Of(line.Milliseconds).Median).ToList();
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
        await stage.WriteAsync("start", ["stage", .. runs.Select((_, n) => $"start {n + 1}")],
            stages.Select(line => (line.Name, line.Milliseconds.AsEnumerable())), cancellationToken);
    }
}
