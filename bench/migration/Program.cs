using System.Globalization;
using VoiceWorker.Infrastructure.Servers;
using VoiceWorker.MigrationBench;

var rows = args is ["--rows", var number, ..] ? int.Parse(number, CultureInfo.InvariantCulture) : 5_000_000;
var wanted = args is ["--rows", _, .. var rest] ? rest : args;
var known = Scenarios.All.Keys.Append(QueuedAlter.Name).ToList();
if (wanted.Except(known).Any())
{
    Console.Error.WriteLine($"usage: bench/run migration [--rows N] [{string.Join(" | ", known)}]…");
    return 2;
}

var options = new ServerOptions
{
    Progress = Console.Error.WriteLine,
    PostgresSettings = new Dictionary<string, string> { ["autovacuum_naptime"] = "1s", ["max_wal_size"] = "4GB" },
};
await using var server = await LocalPostgres.LaunchAsync(options, CancellationToken.None);
Console.Error.WriteLine($"bench: making {rows} businesses");
await BenchDatabase.PrepareAsync(server, rows);
foreach (var (name, (prepare, disturb)) in Scenarios.All.Where(scenario => wanted.Length == 0 || wanted.Contains(scenario.Key)))
{
    await using var database = await BenchDatabase.CreateAsync(server, rows, prepare);
    await Measurement.RunAsync(name, database, disturb);
    var (code, _, took) = await Measurement.MigrateAsync(database);
    Console.WriteLine($"  a second start: exit {code} after {took.TotalSeconds:0.0} s");
}

if (wanted.Length == 0 || wanted.Contains(QueuedAlter.Name))
    await QueuedAlter.RunAsync(server);
return 0;
