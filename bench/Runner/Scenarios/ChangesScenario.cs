using VoiceWorker.Bench.Broker;
using VoiceWorker.Bench.Machine;
using VoiceWorker.Bench.Systems;
using VoiceWorker.Bench.Throughput;
using VoiceWorker.Bench.Work;

namespace VoiceWorker.Bench.Scenarios;

/// <summary>BusinessVoiceChanged by the worker: spread over 1,000 businesses, and all for one.</summary>
internal static class ChangesScenario
{
    public static async Task<int> RunAsync(ThroughputOptions options, CancellationToken cancellationToken)
    {
        var surroundings = Surroundings.Now();
        await using var servers = await BenchServers.FindAsync(cancellationToken);
        await using var broker = await BenchBroker.OpenAsync(servers.RabbitMq.AmqpUri, cancellationToken);
        var runs = new List<RunFigures>();
        for (var round = 1; round <= options.Rounds; round++)
        {
            foreach (var businesses in new[] { Businesses.Count, 1 })
                runs.Add(await RunOnceAsync(servers, broker, options.Messages, businesses, cancellationToken));
        }

        return await new Comparison(runs).ReportAsync(
            "changes", "BusinessVoiceChanged", result => new { surroundings, options, result }, cancellationToken);
    }

    private static async Task<RunFigures> RunOnceAsync(
        BenchServers servers, BenchBroker broker, int messages, int businesses, CancellationToken cancellationToken)
    {
        await using var database = await BenchDatabase.CreateAsync(servers, cancellationToken);
        var work = new ChangeWork(ThroughputOptions.WarmUp + messages, businesses);
        var system = SystemUnderTest.Worker() with { Name = businesses == 1 ? "one business" : $"{businesses} businesses" };
        var run = await new MeasuredRun(servers, broker, system, database, work).MeasureAsync(null, cancellationToken);
        var wrong = run.Verdict.Wrong + await WrongVoicesAsync(database, work, cancellationToken);
        return run with { Verdict = run.Verdict with { Wrong = wrong } };
    }

    private static async Task<int> WrongVoicesAsync(BenchDatabase database, ChangeWork work, CancellationToken cancellationToken)
    {
        var stored = await database.ReadAsync<int, string>("SELECT id, voice_id FROM business", cancellationToken);
        return work.FinalVoices().Count(voice => stored[voice.Key] != voice.Value);
    }
}
