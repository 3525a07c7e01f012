using System.Diagnostics;
using System.Globalization;
using VoiceWorker.Bench.Broker;
using VoiceWorker.Bench.Machine;
using VoiceWorker.Bench.Systems;
using VoiceWorker.Bench.Throughput;
using VoiceWorker.Bench.Work;

namespace VoiceWorker.Bench.Scenarios;

/// <summary>The worker on empty tables and on filled ones, in turn: does it get slower over the years?</summary>
internal static class FilledScenario
{
    public static async Task<int> RunAsync(ThroughputOptions options, Filling filling, CancellationToken cancellationToken)
    {
        var surroundings = Surroundings.Now();
        await using var servers = await BenchServers.FindAsync(cancellationToken);
        await using var broker = await BenchBroker.OpenAsync(servers.RabbitMq.AmqpUri, cancellationToken);
        await using var filled = await FillAsync(servers, broker, filling, cancellationToken);
        var runs = new List<RunFigures>();
        for (var round = 1; round <= options.Rounds; round++)
        {
            await using var empty = await BenchDatabase.CreateAsync(servers, cancellationToken);
            runs.Add(await RunOnceAsync(servers, broker, empty, "empty", round, options, null, cancellationToken));
            var before = await Filling.SequencesAsync(filled, cancellationToken);
            runs.Add(await RunOnceAsync(servers, broker, filled, "filled", round, options, before, cancellationToken));
        }

        return await new Comparison(runs).ReportAsync(
            "filled", "CallStarted on empty and on filled tables", result => new { surroundings, options, filling, result },
            cancellationToken);
    }

    // The worker makes its tables at its start.
    private static async Task<BenchDatabase> FillAsync(
        BenchServers servers, BenchBroker broker, Filling filling, CancellationToken cancellationToken)
    {
        var (clock, system) = (Stopwatch.StartNew(), SystemUnderTest.Worker());
        var database = await BenchDatabase.CreateAsync(servers, cancellationToken);
        await using (var worker = await RunningSystem.StartAsync(system, servers, database, broker, cancellationToken))
            await worker.StopAsync(cancellationToken);
        await broker.DeleteAsync(system.AllQueues, cancellationToken);
        await filling.ApplyAsync(database, cancellationToken);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{filling.Calls:#,0} calls and {filling.Events:#,0} events filled in {clock.Elapsed.TotalSeconds:0} s"));
        return database;
    }

    private static Task<RunFigures> RunOnceAsync(
        BenchServers servers, BenchBroker broker, BenchDatabase database, string name, int round, ThroughputOptions options,
        IReadOnlyDictionary<string, long>? before, CancellationToken cancellationToken)
    {
        var work = new CallWork($"round{round}", ThroughputOptions.WarmUp + options.Messages);
        var system = SystemUnderTest.Worker() with { Name = name };
        return new MeasuredRun(servers, broker, system, database, work).MeasureAsync(before, cancellationToken);
    }
}
