using System.Globalization;
using VoiceWorker.Bench.Broker;
using VoiceWorker.Bench.Machine;
using VoiceWorker.Bench.Systems;
using VoiceWorker.Bench.Work;

namespace VoiceWorker.Bench.Throughput;

/// <summary>Baseline and worker in turn, A B A B …, on the same servers, each on an empty database.</summary>
internal static class ThroughputBench
{
    private const string Classic = "classic";

    /// <summary>0 when no run lost, doubled or falsified anything, else 1.</summary>
    public static async Task<int> RunAsync(ThroughputOptions options, CancellationToken cancellationToken)
    {
        var surroundings = Surroundings.Now();
        await using var servers = await BenchServers.FindAsync(cancellationToken);
        await using var broker = await BenchBroker.OpenAsync(servers.RabbitMq.AmqpUri, cancellationToken);
        var runs = new List<RunFigures>();
        for (var round = 1; round <= options.Rounds; round++)
        {
            foreach (var system in SystemsOn(options.QueueType))
                runs.Add(await RunOnceAsync(servers, broker, system, options, cancellationToken));
        }

        Console.WriteLine();
        return await new Comparison(runs).ReportAsync(
            "throughput", $"CallStarted, {options.QueueType} queues", result => new { surroundings, options, result },
            cancellationToken);
    }

    // The worker has quorum queues only: on classic ones the baseline is measured alone.
    private static IReadOnlyList<SystemUnderTest> SystemsOn(string queueType) => queueType == Classic
        ? [SystemUnderTest.Baseline(queueType)]
        : [SystemUnderTest.Baseline(queueType), SystemUnderTest.Worker()];

    private static async Task<RunFigures> RunOnceAsync(
        BenchServers servers, BenchBroker broker, SystemUnderTest system, ThroughputOptions options, CancellationToken cancellationToken)
    {
        await using var database = await BenchDatabase.CreateAsync(servers, cancellationToken);
        var work = new CallWork("bench", ThroughputOptions.WarmUp + options.Messages);
        var load = Surroundings.LoadAverage();
        var run = await new MeasuredRun(servers, broker, system, database, work).MeasureAsync(null, cancellationToken);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{system.Name,-10}{run.Rate,8:#,0}/s  load before {load:0.0}  {run.Verdict}"));
        return run;
    }
}
