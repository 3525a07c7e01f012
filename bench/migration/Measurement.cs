using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using VoiceWorker.Infrastructure.Processes;

namespace VoiceWorker.MigrationBench;

/// <summary>One migration beside the application, and what both of them felt.</summary>
internal sealed partial class Measurement
{
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Disturbed = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan After = TimeSpan.FromSeconds(3);

    /// <summary>Runs it. What <paramref name="disturb"/> does begins with the migration; its result is a line of the report.</summary>
    public static async Task RunAsync(string name, BenchDatabase database, Func<BenchDatabase, Task<string>>? disturb)
    {
        await using var application = Application.Start(database);
        await Task.Delay(Before);
        var file = await FileAsync(database);
        var disturbance = disturb?.Invoke(database);
        if (disturbance is not null)
            await Task.Delay(Disturbed);
        var started = TimeProvider.System.GetUtcNow();
        var (code, log, took) = await MigrateAsync(database);
        var ended = TimeProvider.System.GetUtcNow();
        await Task.Delay(After);
        var operations = await application.StopAsync();

        Console.WriteLine($"## {name}: exit {code} after {took.TotalSeconds:0.0} s, {(file == await FileAsync(database) ? "not rewritten" : "rewritten")}");
        Console.WriteLine($"  locks held at most {LongestHeld(log)} ms; {await TargetAsync(database)}");
        if (disturbance is not null)
            Console.WriteLine($"  {await disturbance} (the migration ended at {ended:HH:mm:ss.f})");
        Report("before", operations.Where(operation => operation.EndedAt < started));
        Report("during", operations.Where(operation => operation.EndedAt >= started && operation.EndedAt <= ended));
        Report("after ", operations.Where(operation => operation.EndedAt > ended));
        foreach (var line in log.Where(line => line.Contains("Run ", StringComparison.Ordinal)))
            Console.WriteLine($"  | {line.Trim()}");
    }

    /// <summary>As a process of its own, as in a deployment.</summary>
    public static async Task<(int Code, IReadOnlyList<string> Log, TimeSpan Took)> MigrateAsync(BenchDatabase database)
    {
        var watch = Stopwatch.StartNew();
        var environment = new Dictionary<string, string>
        {
            ["ConnectionStrings__Postgres"] = database.ConnectionString, ["ConnectionStrings__RabbitMq"] = "amqp://127.0.0.1:1",
        };
        await using var process = WorkerProcess.Start(Path.Combine(AppContext.BaseDirectory, "VoiceWorker.dll"), environment, ["migrate"]);
        var code = await process.WaitForExitAsync(CancellationToken.None);
        return (code, process.Output, watch.Elapsed);
    }

    private static Task<uint> FileAsync(BenchDatabase database) =>
        database.ScalarAsync<uint>("SELECT relfilenode FROM pg_class WHERE oid = 'business'::regclass");

    private static Task<string> TargetAsync(BenchDatabase database) => database.ScalarAsync<string>("""
        SELECT concat_ws(' ', format_type(atttypid, atttypmod), CASE WHEN attnotnull THEN 'NOT NULL' END, pg_get_expr(adbin, adrelid))
        FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE attrelid = 'business'::regclass AND attname = 'voice_id'
        """);

    private static double LongestHeld(IReadOnlyList<string> log) => log
        .Where(line => !line.Contains(": Validate", StringComparison.Ordinal))
        .Select(line => Held().Match(line)).Where(match => match.Success)
        .Select(match => double.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)).DefaultIfEmpty().Max();

    private static void Report(string phase, IEnumerable<Operation> operations)
    {
        var all = operations.ToList();
        var reads = all.Where(operation => !operation.IsWrite).Select(operation => operation.Milliseconds).Order().ToList();
        var writes = all.Where(operation => operation.IsWrite).Select(operation => operation.Milliseconds).Order().ToList();
        var errors = all.Where(operation => operation.Error != "").ToList();
        Console.WriteLine($"  {phase}: {all.Count} operations, {errors.Count} errors; reads {Spread(reads)}; writes {Spread(writes)}");
        foreach (var error in errors.Select(operation => operation.Error).Distinct().Take(3))
            Console.WriteLine($"    {error}");
    }

    private static string Spread(List<double> sorted) => sorted.Count == 0
        ? "none"
        : string.Create(CultureInfo.InvariantCulture, $"median {sorted[sorted.Count / 2]:0.0}, p99 {sorted[sorted.Count * 99 / 100]:0}, longest {sorted[^1]:0} ms");

    [GeneratedRegex(@"held ([\d.]+) ms")]
    private static partial Regex Held();
}
