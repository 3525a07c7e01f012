using System.Diagnostics;
using System.Globalization;

namespace VoiceWorker.Bench;

/// <summary>The worker under work that does not end for a while: does it keep its rate, and its memory?</summary>
internal sealed class EnduranceBench(Stage stage, int messages, CancellationToken cancellationToken)
{
    private const int Ahead = 10_000;
    private const int Portion = 1_000;
    private const int Shares = 10;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly CallWork _work = new("bench", messages);
    private readonly Judge _judge = new(messages);

    /// <summary>It comes back to a long queue: does it keep its rate to the end of it?</summary>
    public async Task<int> WorkOffAsync()
    {
        await using var database = await stage.CreateDatabaseAsync(cancellationToken);
        var worker = SystemUnderTest.Worker();
        // The first start makes its queues and leaves.
        await using (var first = await worker.StartAsync(stage, database, cancellationToken))
            await first.StopAsync(cancellationToken);
        await stage.Broker.PublishAsync(_work, 0, messages, cancellationToken);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{messages:#,0} messages wait"));
        await using var running = await worker.StartAsync(stage, database, cancellationToken);
        var course = await stage.Broker.FollowAsync(messages, cancellationToken);
        await running.StopAsync(cancellationToken);
        await stage.Broker.JudgeAsync(_work, _judge, cancellationToken);
        var bounds = Enumerable.Range(0, Shares + 1)
            .Select(share => course.First(point => point.Messages >= course[^1].Messages * share / Shares)).ToList();
        var rates = bounds.Zip(bounds.Skip(1), (from, to) =>
            (to.Messages - from.Messages) / (to.Seconds - from.Seconds)).ToList();
        Print("messages/s by tenth", rates, "#,0", course[^1].Seconds, "altogether");
        return await ReportAsync("backlog", "messages", course.Select(at => (at.Seconds, (double)at.Messages)));
    }

    /// <summary>A stream of messages: does its memory stay what it is?</summary>
    public async Task<int> FeedAsync()
    {
        await using var database = await stage.CreateDatabaseAsync(cancellationToken);
        await using var running = await SystemUnderTest.Worker().StartAsync(stage, database, cancellationToken);
        await stage.Broker.ConsumeAsync(
            SystemUnderTest.AuditQueue, arrived => _judge.Add(_work.Observe(arrived)), cancellationToken);
        var memory = await FeedAsync(running);
        await running.StopAsync(cancellationToken);
        var tenths = memory.Chunk(Math.Max(1, (memory.Count + Shares - 1) / Shares))
            .Select(tenth => Spread.Of(tenth.Select(at => at.MiB)).Median).ToList();
        Print("resident MiB by tenth of the time", tenths, "0", memory[^1].Seconds,
            string.Create(CultureInfo.InvariantCulture, $"most {memory.Max(at => at.MiB):0} MiB"));
        return await ReportAsync("million", "resident MiB", memory);
    }

    // Never far ahead of the worker, so that the broker holds little; ends when all is there, or nothing comes for
    // long.
    private async Task<List<(double Seconds, double MiB)>> FeedAsync(RunningSystem running)
    {
        var (clock, memory, sent) = (Stopwatch.StartNew(), new List<(double, double)>(), 0);
        var last = (_judge.Unique, At: TimeSpan.Zero);
        while (_judge.Unique < messages && clock.Elapsed - last.At < Patience)
        {
            if (_judge.Unique > last.Unique)
                last = (_judge.Unique, clock.Elapsed);
            memory.Add((clock.Elapsed.TotalSeconds, running.ResidentMiB()));
            var portion = sent - _judge.Unique < Ahead ? Math.Min(Portion, messages - sent) : 0;
            await (portion > 0 ? stage.Broker.PublishAsync(_work, sent, portion, cancellationToken)
                : Task.Delay(Interval, cancellationToken));
            sent += portion;
        }

        return memory;
    }

    // The first tenth has the start of a cold process in it.
    private void Print(string what, List<double> tenths, string format, double seconds, string more)
    {
        var shown = string.Join("  ", tenths.Select(tenth => tenth.ToString(format, CultureInfo.InvariantCulture)));
        Console.WriteLine($"{what}: {shown}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{messages / seconds:#,0}/s {more}; last tenth / second tenth: {tenths[^1] / tenths[1]:0.00}"));
    }

    private async Task<int> ReportAsync(string name, string figure, IEnumerable<(double Seconds, double Value)> points)
    {
        var verdict = _judge.Conclude();
        Console.WriteLine(verdict);
        var rows = points.Select(point => ($"{point.Seconds:0.000}", (IEnumerable<double>)[point.Value]));
        await stage.WriteAsync(name, ["seconds", figure], rows, cancellationToken);
        return verdict.IsClean ? 0 : 1;
    }
}
