using System.Diagnostics;
using System.Globalization;
using Npgsql;
using VoiceWorker.Infrastructure.Servers;

namespace VoiceWorker.MigrationBench;

/// <summary>How much longer an ALTER of the application and a read behind it wait when a migration waits beside them:
/// each from the end of the transaction that was in everybody's way.</summary>
internal static class QueuedAlter
{
    /// <summary>Of the scenario.</summary>
    public const string Name = "queue";

    private const int Rounds = 20;
    private const int Rows = 100_000;

    /// <summary>Takes rounds with and without a migration by turns, each on a database of its own.</summary>
    public static async Task RunAsync(PostgresServer server)
    {
        List<(double Alter, double Read)> without = [], with = [];
        for (var round = 0; round < Rounds; round++)
        {
            without.Add(await RunOnceAsync(server, isMigrating: false));
            with.Add(await RunOnceAsync(server, isMigrating: true));
        }

        Console.WriteLine($"## {Name}: {Rounds} rounds with a waiting migration, {Rounds} without");
        Report("ALTER", without.Select(one => one.Alter), with.Select(one => one.Alter));
        Report("read ", without.Select(one => one.Read), with.Select(one => one.Read));
    }

    private static async Task<(double Alter, double Read)> RunOnceAsync(PostgresServer server, bool isMigrating)
    {
        await using var database = await BenchDatabase.CreateAsync(server, Rows, "");
        await using var report = await database.OpenAsync("nightly-report");
        await using var application = await database.OpenAsync("application");
        await using var reader = await database.OpenAsync("reader");
        await using var transaction = await report.BeginTransactionAsync();
        await ExecuteAsync(report, "SELECT name FROM business LIMIT 1");
        var migration = isMigrating ? Measurement.MigrateAsync(database) : null;
        if (isMigrating)
            await WaitForAsync(database, "mode = 'ShareUpdateExclusiveLock' AND granted");
        var alter = TimedAsync(application, "ALTER TABLE business ADD note text");
        await WaitForAsync(database, $"pid = {application.ProcessID} AND NOT granted");
        var read = TimedAsync(reader, "SELECT name FROM business LIMIT 1");
        await WaitForAsync(database, $"pid = {reader.ProcessID} AND NOT granted");

        var end = Stopwatch.GetTimestamp();
        await transaction.CommitAsync();
        var waits = (Since(end, await alter), Since(end, await read));
        if (migration is not null && (await migration).Code is var code and not 0)
            throw new InvalidOperationException($"migrate ended with {code}");
        return waits;
    }

    private static async Task<long> TimedAsync(NpgsqlConnection connection, string sql)
    {
        await ExecuteAsync(connection, sql);
        return Stopwatch.GetTimestamp();
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task WaitForAsync(BenchDatabase database, string condition)
    {
        while (!await database.ScalarAsync<bool>(
            $"SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'business'::regclass AND {condition})"))
            await Task.Delay(10);
    }

    private static double Since(long begin, long end) => Stopwatch.GetElapsedTime(begin, end).TotalMilliseconds;

    private static void Report(string what, IEnumerable<double> without, IEnumerable<double> with)
    {
        var (alone, beside) = (without.Order().ToList(), with.Order().ToList());
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  {what}: alone median {alone[Rounds / 2]:0.0}, longest {alone[^1]:0.0} ms;"
            + $" beside the migration median {beside[Rounds / 2]:0.0}, longest {beside[^1]:0.0} ms"));
    }
}
