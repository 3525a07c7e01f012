using System.Globalization;
using VoiceWorker.Bench.Broker;
using VoiceWorker.Bench.Judging;
using VoiceWorker.Bench.Machine;
using VoiceWorker.Bench.Results;
using VoiceWorker.Bench.Systems;
using VoiceWorker.Bench.Throughput;
using VoiceWorker.Bench.Work;

namespace VoiceWorker.Bench.Scenarios;

/// <summary>The worker comes back to a long queue: does it keep its rate to the end of it?</summary>
internal static class BacklogScenario
{
    private const int Shares = 10;

    public static async Task<int> RunAsync(int messages, CancellationToken cancellationToken)
    {
        var surroundings = Surroundings.Now();
        await using var servers = await BenchServers.FindAsync(cancellationToken);
        await using var broker = await BenchBroker.OpenAsync(servers.RabbitMq.AmqpUri, cancellationToken);
        await using var database = await BenchDatabase.CreateAsync(servers, cancellationToken);
        var (system, work) = (SystemUnderTest.Worker(), new CallWork("bench", messages));

        // The first start makes its queues and leaves.
        await using (var first = await RunningSystem.StartAsync(system, servers, database, broker, cancellationToken))
            await first.StopAsync(cancellationToken);
        await broker.PublishAsync(work, 0, messages, cancellationToken);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{messages:#,0} messages wait"));

        await using var process = await RunningSystem.StartAsync(system, servers, database, broker, cancellationToken);
        var course = await Course.FollowAsync(broker, SystemUnderTest.AuditQueue, messages, cancellationToken);
        await process.StopAsync(cancellationToken);
        var verdict = await JudgeAsync(broker, work, cancellationToken);
        return await ReportAsync(surroundings, course, verdict, cancellationToken);
    }

    private static async Task<Verdict> JudgeAsync(BenchBroker broker, CallWork work, CancellationToken cancellationToken)
    {
        var judge = new Judge(work.Count);
        var depth = await broker.DepthAsync(SystemUnderTest.AuditQueue, cancellationToken);
        await broker.TakeAsync(SystemUnderTest.AuditQueue, depth, arrived => judge.Add(work.Observe(arrived)), cancellationToken);
        return judge.Conclude();
    }

    private static async Task<int> ReportAsync(
        Surroundings surroundings, Course course, Verdict verdict, CancellationToken cancellationToken)
    {
        var rates = course.RateByShare(Shares);
        var shown = string.Join("  ", rates.Select(rate => rate.ToString("#,0", CultureInfo.InvariantCulture)));
        Console.WriteLine($"messages/s by tenth: {shown}");
        // The first tenth has the start of a cold process in it.
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{verdict.Messages / course.Seconds:#,0}/s altogether; last tenth / second tenth: {rates[^1] / rates[1]:0.00}\n{verdict}"));
        await new ResultFiles("backlog").WriteAsync(new { surroundings, seconds = course.Seconds, ratesByTenth = rates, verdict },
            LineChart.Render("Audit events after a start with a backlog", "events",
                [.. course.Points.Select(point => (point.Seconds, (double)point.Messages))]), cancellationToken);
        return verdict.IsClean ? 0 : 1;
    }
}
