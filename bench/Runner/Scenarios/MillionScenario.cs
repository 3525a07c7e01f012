using System.Diagnostics;
using System.Globalization;
using VoiceWorker.Bench.Broker;
using VoiceWorker.Bench.Judging;
using VoiceWorker.Bench.Machine;
using VoiceWorker.Bench.Results;
using VoiceWorker.Bench.Systems;
using VoiceWorker.Bench.Work;

namespace VoiceWorker.Bench.Scenarios;

/// <summary>A stream of messages that does not end for a while: does the worker's memory stay what it is?</summary>
internal static class MillionScenario
{
    private const int Ahead = 10_000;
    private const int Portion = 1_000;
    private const int Shares = 10;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task<int> RunAsync(int messages, CancellationToken cancellationToken)
    {
        var surroundings = Surroundings.Now();
        await using var servers = await BenchServers.FindAsync(cancellationToken);
        await using var broker = await BenchBroker.OpenAsync(servers.RabbitMq.AmqpUri, cancellationToken);
        await using var database = await BenchDatabase.CreateAsync(servers, cancellationToken);
        var (work, judge) = (new CallWork("bench", messages), new Judge(messages));
        await using var process = await RunningSystem.StartAsync(SystemUnderTest.Worker(), servers, database, broker, cancellationToken);
        await broker.ConsumeAsync(SystemUnderTest.AuditQueue, arrived => judge.Add(work.Observe(arrived)), cancellationToken);

        var memory = await FeedAsync(process, broker, work, judge, cancellationToken);
        await process.StopAsync(cancellationToken);
        return await ReportAsync(surroundings, memory, judge.Conclude(), cancellationToken);
    }

    // Never far ahead of the worker, so that the broker holds little; ends when all is there, or nothing has come for long.
    private static async Task<List<(double Seconds, double MiB)>> FeedAsync(
        RunningSystem process, BenchBroker broker, CallWork work, Judge judge, CancellationToken cancellationToken)
    {
        var (clock, memory, sent, last) = (Stopwatch.StartNew(), new List<(double, double)>(), 0, (Unique: 0, At: TimeSpan.Zero));
        while (judge.Unique < work.Count && clock.Elapsed - last.At < Patience)
        {
            if (judge.Unique > last.Unique)
                last = (judge.Unique, clock.Elapsed);
            memory.Add((clock.Elapsed.TotalSeconds, process.ResidentMiB));
            var portion = sent - judge.Unique < Ahead ? Math.Min(Portion, work.Count - sent) : 0;
            await (portion > 0 ? broker.PublishAsync(work, sent, portion, cancellationToken) : Task.Delay(Interval, cancellationToken));
            sent += portion;
        }

        return memory;
    }

    private static async Task<int> ReportAsync(
        Surroundings surroundings, List<(double Seconds, double MiB)> memory, Verdict verdict, CancellationToken cancellationToken)
    {
        var tenths = memory.Chunk(Math.Max(1, (memory.Count + Shares - 1) / Shares))
            .Select(tenth => Spread.Of(tenth.Select(at => at.MiB)).Median).ToList();
        var shown = string.Join("  ", tenths.Select(mib => mib.ToString("0", CultureInfo.InvariantCulture)));
        Console.WriteLine($"resident MiB by tenth of the time: {shown}");
        // The first tenth has the growth of a process that has just been started in it.
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{verdict.Messages / memory[^1].Seconds:#,0}/s; most {memory.Max(at => at.MiB):0} MiB; "
            + $"last tenth / second tenth: {tenths[^1] / tenths[1]:0.00}\n{verdict}"));
        var chart = LineChart.Render(
            string.Create(CultureInfo.InvariantCulture, $"Resident memory over {verdict.Messages:#,0} messages"), "MiB", memory);
        await new ResultFiles("million").WriteAsync(
            new { surroundings, seconds = memory[^1].Seconds, residentMiBByTenth = tenths, verdict }, chart, cancellationToken);
        return verdict.IsClean ? 0 : 1;
    }
}
