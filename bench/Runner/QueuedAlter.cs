using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace VoiceWorker.Bench;

/// <summary>How much longer an ALTER of the application and a read behind it wait when a migration waits beside them:
/// each from the end of the transaction that was in everybody's way.</summary>
internal sealed class QueuedAlter(MigrationBench bench, CancellationToken cancellationToken)
{
    private const int Rounds = 20;
    private const string Read = "SELECT name FROM business LIMIT 1";

    /// <summary>Takes rounds with and without a migration by turns, each on a database of its own.</summary>
    public async Task RunAsync()
    {
        List<(double Alter, double Read)> without = [], with = [];
        for (var round = 0; round < Rounds; round++)
        {
            without.Add(await RunOnceAsync(isMigrating: false));
            with.Add(await RunOnceAsync(isMigrating: true));
        }

        Console.WriteLine($"## queue: {Rounds} rounds with a waiting migration, {Rounds} without");
        Report("ALTER", without.Select(one => one.Alter), with.Select(one => one.Alter));
        Report("read ", without.Select(one => one.Read), with.Select(one => one.Read));
    }

    private async Task<(double Alter, double Read)> RunOnceAsync(bool isMigrating)
    {
        await using var database = await bench.CopyAsync("");
        await using var report = await database.OpenAsync("nightly-report", cancellationToken);
        await using var application = await database.OpenAsync("application", cancellationToken);
        await using var reader = await database.OpenAsync("reader", cancellationToken);
        await using var transaction = await report.BeginTransactionAsync(cancellationToken);
        await TimedAsync(report, Read);
        var migration = isMigrating ? bench.MigrateAsync(database) : null;
        if (isMigrating)
            await WaitForAsync(database, "mode = 'ShareUpdateExclusiveLock' AND granted");
        var alter = TimedAsync(application, "ALTER TABLE business ADD note text");
        await WaitForAsync(database, $"pid = {application.ProcessID} AND NOT granted");
        var read = TimedAsync(reader, Read);
        await WaitForAsync(database, $"pid = {reader.ProcessID} AND NOT granted");

        var end = Stopwatch.GetTimestamp();
        await transaction.CommitAsync(cancellationToken);
        var waits = (Since(end, await alter), Since(end, await read));
        if (migration is not null && (await migration).Code is var code and not 0)
            throw new InvalidOperationException($"migrate ended with {code}");
        return waits;
    }

    private async Task<long> TimedAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return Stopwatch.GetTimestamp();
    }

    // Asked more often than Polling does: the wait is what is measured.
    private async Task WaitForAsync(BenchDatabase database, string condition)
    {
        var sql = $"SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'business'::regclass AND {condition})";
        while (!await database.ScalarAsync<bool>(sql, cancellationToken))
            await Task.Delay(10, cancellationToken);
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
