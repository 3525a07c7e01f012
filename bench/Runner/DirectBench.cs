using System.Diagnostics;
using System.Globalization;
using Npgsql;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Infrastructure.Servers;

namespace VoiceWorker.Bench;

/// <summary>What the application pays for a change of voice that it writes itself: without the worker, with
/// Changes:Direct=Report, which adds nothing, and with Capture. By turns, each on a database of its own.</summary>
internal sealed class DirectBench(PostgresServer server, int seconds, CancellationToken cancellationToken)
{
    private const int Rows = 20_000;
    private const int Clients = 8;
    private const int Bulk = 10_000;

    private static readonly string[] Variants = ["without", "Report", "Capture"];

    private readonly Dictionary<string, BenchDatabase> _databases = [];
    private readonly Dictionary<string, List<Figures>> _rounds =
        Variants.ToDictionary(name => name, _ => new List<Figures>());

    /// <summary>Runs so many rounds and writes the medians; 0, for it is not judged.</summary>
    public static async Task<int> RunAsync(int rounds, int seconds, CancellationToken cancellationToken)
    {
        await using var server = await LocalPostgres.LaunchAsync(
            new ServerOptions { Progress = Console.Error.WriteLine }, cancellationToken);
        var bench = new DirectBench(server, seconds, cancellationToken);
        foreach (var variant in Variants)
            await bench.PrepareAsync(variant);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"## direct: {rounds} rounds, {Clients} clients for {seconds} s, load average {Stage.LoadAverage():0.0}"));
        for (var round = 0; round < rounds; round++)
        {
            foreach (var variant in Variants)
                await bench.MeasureAsync(variant);
        }

        bench.Report();
        return 0;
    }

    private async Task PrepareAsync(string variant)
    {
        var database = _databases[variant] = new BenchDatabase(server, BenchDatabase.NextName());
        await server.CreateDatabaseAsync(database.Name, cancellationToken);
        await database.ExecuteAsync($"""
            CREATE TABLE business (id serial PRIMARY KEY, name varchar(255) NOT NULL,
                                   voice_id varchar(32) NOT NULL DEFAULT 'ash');
            INSERT INTO business (name) SELECT 'Business ' || n FROM generate_series(1, {Rows}) AS n;
            """, cancellationToken);
        if (variant == Variants[0])
            return;
        var environment = new Dictionary<string, string>
        {
            ["ConnectionStrings__Postgres"] = database.ConnectionString,
            ["ConnectionStrings__RabbitMq"] = "amqp://127.0.0.1:1", ["Changes__Direct"] = variant,
        };
        await using var process = WorkerProcess.Start(
            SystemUnderTest.Worker().Program, environment, ["migrate"]);
        if (await process.WaitForExitAsync(cancellationToken) is var code and not 0)
            throw new InvalidOperationException($"migrate ended with {code}:\n{string.Join('\n', process.Output)}");
    }

    private async Task MeasureAsync(string variant)
    {
        var database = _databases[variant];
        // As a worker leaves it.
        if (variant != Variants[0])
            await database.ExecuteAsync("TRUNCATE voice.outbox, voice.business_voice_change", cancellationToken);
        await database.ExecuteAsync("VACUUM ANALYZE", cancellationToken);
        await database.ExecuteAsync("CHECKPOINT", cancellationToken);
        var figures = await ChangeAsync(database) with { Bulk = await ChangeManyAsync(database) };
        _rounds[variant].Add(figures);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  {variant,-8} p50 {figures.P50:0.00} p99 {figures.P99:0.0} ms, {figures.Changes} changes; "
            + $"{Bulk} rows at once {figures.Bulk:0} ms; load average {Stage.LoadAverage():0.0}"));
    }

    private async Task<Figures> ChangeAsync(BenchDatabase database)
    {
        using var process = PythonScript.Start(
            "direct.py", database, start => start.RedirectStandardOutput = true,
            $"{Rows}", $"{Clients}", $"{seconds}");
        var line = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        var numbers = line.Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        return new(numbers[0], numbers[1], (int)numbers[2], 0);
    }

    private async Task<double> ChangeManyAsync(BenchDatabase database)
    {
        await using var application = await database.OpenAsync("application", cancellationToken);
        await using var update = new NpgsqlCommand(
            $"UPDATE business SET voice_id = CASE voice_id WHEN 'echo' THEN 'nova' ELSE 'echo' END WHERE id <= {Bulk}",
            application);
        var started = Stopwatch.GetTimestamp();
        await update.ExecuteNonQueryAsync(cancellationToken);
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    private void Report()
    {
        Console.WriteLine("medians (least–most)");
        foreach (var (variant, rounds) in _rounds)
        {
            string Of(Func<Figures, double> figure) => Spread.Of(rounds.Select(figure)).ToText("0.00");
            Console.WriteLine($"  {variant,-8} p50 {Of(one => one.P50)}, p99 {Of(one => one.P99)} ms; "
                + $"{Bulk} rows at once {Of(one => one.Bulk)} ms");
        }
    }

    private sealed record Figures(double P50, double P99, int Changes, double Bulk);
}
