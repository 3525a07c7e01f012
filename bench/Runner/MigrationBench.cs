using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Infrastructure.Servers;

namespace VoiceWorker.Bench;

/// <summary>Migrations beside the application, and what both of them felt.</summary>
internal sealed partial class MigrationBench(PostgresServer server, int rows, CancellationToken cancellationToken)
{
    private const string Queue = "queue";
    private const string Template = "bench_template";
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Disturbed = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan After = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan BlockedFor = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>How the column is left behind, and what is in the way meanwhile.</summary>
    public static Dictionary<string, (string Prepare, Func<MigrationBench, BenchDatabase, Task<string>>? Disturb)>
        Scenarios { get; } = new()
    {
        ["absent"] = ("", null),
        ["nulls"] = ("""
            ALTER TABLE business ADD voice_id varchar(32);
            UPDATE business SET voice_id = 'echo' WHERE id % 2 = 0
            """, null),
        ["text"] = ("ALTER TABLE business ADD voice_id text NOT NULL DEFAULT 'echo'", null),
        ["blocker"] = ("", (bench, database) => bench.BlockAsync(database)),
        ["autovacuum"] = ("", (bench, database) => bench.VacuumAsync(database)),
        [Queue] = ("", null),
    };

    /// <summary>Runs some scenarios, or all when none is named; 0, for it is not judged.</summary>
    public static async Task<int> RunAsync(int rows, string[] wanted, CancellationToken cancellationToken)
    {
        await using var server = await LocalPostgres.LaunchAsync(new ServerOptions
        {
            Progress = Console.Error.WriteLine,
            PostgresSettings = new Dictionary<string, string>
            {
                ["autovacuum_naptime"] = "1s", ["max_wal_size"] = "4GB",
            },
        }, cancellationToken);
        Console.Error.WriteLine($"bench: making {rows} businesses");
        var bench = new MigrationBench(server, rows, cancellationToken);
        await bench.PrepareAsync();
        foreach (var name in Scenarios.Keys.Where(name => wanted.Length == 0 || wanted.Contains(name)))
            await (name == Queue ? new QueuedAlter(bench, cancellationToken).RunAsync() : bench.MeasureAsync(name));
        return 0;
    }

    // business without voice_id, and the other critical columns.
    private async Task PrepareAsync()
    {
        await server.CreateDatabaseAsync(Template, cancellationToken);
        var template = new BenchDatabase(server, Template);
        await template.ExecuteAsync($"""
            CREATE TABLE business (id serial PRIMARY KEY, name varchar(255) NOT NULL);
            CREATE TABLE call_log (id serial PRIMARY KEY, recording_mode varchar(32), recording_sid varchar(64),
                audio_bytes_len bigint, audio_duration_sec double precision, transcript_source varchar(32),
                stream_started_at timestamp, stream_ended_at timestamp, recording_count integer);
            CREATE TABLE leads (id serial PRIMARY KEY, gender varchar(16));
            INSERT INTO business (name) SELECT 'Business ' || n FROM generate_series(1, {rows}) AS n;
            """, cancellationToken);
        await template.ExecuteAsync("VACUUM (FREEZE, ANALYZE) business", cancellationToken);
    }

    /// <summary>A copy of the large database, with the column as <paramref name="prepare"/> leaves it.</summary>
    public async Task<BenchDatabase> CopyAsync(string prepare)
    {
        var database = new BenchDatabase(server, BenchDatabase.NextName());
        await new BenchDatabase(server, "postgres").ExecuteAsync(
            $"CREATE DATABASE {database.Name} TEMPLATE {Template} STRATEGY FILE_COPY", cancellationToken);
        if (prepare != "")
        {
            await database.ExecuteAsync(prepare, cancellationToken);
            await database.ExecuteAsync("VACUUM ANALYZE business", cancellationToken);
        }

        await database.ExecuteAsync("CHECKPOINT", cancellationToken);
        return database;
    }

    /// <summary>As a process of its own, as in a deployment.</summary>
    public async Task<(int Code, IReadOnlyList<string> Log, TimeSpan Took)> MigrateAsync(BenchDatabase database)
    {
        var watch = Stopwatch.StartNew();
        var environment = new Dictionary<string, string>
        {
            ["ConnectionStrings__Postgres"] = database.ConnectionString,
            ["ConnectionStrings__RabbitMq"] = "amqp://127.0.0.1:1",
        };
        await using var process = WorkerProcess.Start(
            SystemUnderTest.Worker().Program, environment, ["migrate"]);
        var code = await process.WaitForExitAsync(cancellationToken);
        return (code, process.Output, watch.Elapsed);
    }

    private async Task MeasureAsync(string name)
    {
        var (prepare, disturb) = Scenarios[name];
        await using var database = await CopyAsync(prepare);
        await using (var application = new LegacyApplication(database, rows))
        {
            await Task.Delay(Before, cancellationToken);
            var file = await FileAsync(database);
            var disturbance = disturb?.Invoke(this, database);
            if (disturbance is not null)
                await Task.Delay(Disturbed, cancellationToken);
            var started = TimeProvider.System.GetUtcNow();
            var (exit, log, took) = await MigrateAsync(database);
            var ended = TimeProvider.System.GetUtcNow();
            await Task.Delay(After, cancellationToken);
            var operations = await application.StopAsync(cancellationToken);

            var rewritten = file == await FileAsync(database) ? "not rewritten" : "rewritten";
            Console.WriteLine($"## {name}: exit {exit} after {took.TotalSeconds:0.0} s, {rewritten}");
            Console.WriteLine($"  locks held at most {LongestHeld(log)} ms; {await TargetAsync(database)}");
            if (disturbance is not null)
                Console.WriteLine($"  {await disturbance} (the migration ended at {ended:HH:mm:ss.f})");
            Report("before", operations.Where(operation => operation.EndedAt < started));
            Report("during", operations.Where(operation => operation.EndedAt >= started && operation.EndedAt <= ended));
            Report("after ", operations.Where(operation => operation.EndedAt > ended));
            foreach (var line in log.Where(line => line.Contains("Run ", StringComparison.Ordinal)))
                Console.WriteLine($"  | {line.Trim()}");
        }

        var (code, _, again) = await MigrateAsync(database);
        Console.WriteLine($"  a second start: exit {code} after {again.TotalSeconds:0.0} s");
    }

    private async Task<string> BlockAsync(BenchDatabase database)
    {
        await using var connection = await database.OpenAsync("nightly-report", cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var read = new NpgsqlCommand("SELECT name FROM business LIMIT 1", connection);
        await read.ExecuteScalarAsync(cancellationToken);
        await Task.Delay(BlockedFor, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return $"blocker: pid {connection.ProcessID}, ended at {TimeProvider.System.GetUtcNow():HH:mm:ss.f}";
    }

    // As slow as PostgreSQL lets it be, and due as soon as the application has changed a row.
    private async Task<string> VacuumAsync(BenchDatabase database)
    {
        await database.ExecuteAsync("""
            ALTER TABLE business SET (autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1,
                autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1)
            """, cancellationToken);
        await WaitForAsync(database, true);
        var started = TimeProvider.System.GetUtcNow();
        await WaitForAsync(database, false);
        return $"autovacuum: began at {started:HH:mm:ss.f}, gone at {TimeProvider.System.GetUtcNow():HH:mm:ss.f}";
    }

    private Task<bool> WaitForAsync(BenchDatabase database, bool isVacuuming) => Polling.UntilAsync(
        async token => isVacuuming == await database.ScalarAsync<bool>(
            "SELECT count(*) > 0 FROM pg_stat_progress_vacuum WHERE relid = 'business'::regclass", token),
        Patience, cancellationToken);

    private Task<uint> FileAsync(BenchDatabase database) => database.ScalarAsync<uint>(
        "SELECT relfilenode FROM pg_class WHERE oid = 'business'::regclass", cancellationToken);

    private Task<string> TargetAsync(BenchDatabase database) => database.ScalarAsync<string>("""
        SELECT concat_ws(' ', format_type(atttypid, atttypmod), CASE WHEN attnotnull THEN 'NOT NULL' END,
            pg_get_expr(adbin, adrelid))
        FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE attrelid = 'business'::regclass AND attname = 'voice_id'
        """, cancellationToken);

    private static double LongestHeld(IReadOnlyList<string> log) => log
        .Where(line => !line.Contains(": Validate", StringComparison.Ordinal))
        .Select(line => Held().Match(line)).Where(match => match.Success)
        .Select(match => double.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)).DefaultIfEmpty().Max();

    private static void Report(string phase, IEnumerable<Operation> operations)
    {
        var all = operations.ToList();
        var errors = all.Where(operation => operation.Error != "").Select(operation => operation.Error).ToList();
        Console.WriteLine($"  {phase}: {all.Count} operations, {errors.Count} errors; "
            + $"reads {Spread(all, isWrite: false)}; writes {Spread(all, isWrite: true)}");
        foreach (var error in errors.Distinct().Take(3))
            Console.WriteLine($"    {error}");
    }

    private static string Spread(IEnumerable<Operation> operations, bool isWrite)
    {
        var sorted = operations.Where(one => one.IsWrite == isWrite).Select(one => one.Milliseconds).Order().ToList();
        return sorted.Count == 0 ? "none" : string.Create(CultureInfo.InvariantCulture,
            $"median {sorted[sorted.Count / 2]:0.0}, p99 {sorted[sorted.Count * 99 / 100]:0}, "
            + $"longest {sorted[^1]:0} ms");
    }

    [GeneratedRegex(@"held ([\d.]+) ms")]
    private static partial Regex Held();
}
