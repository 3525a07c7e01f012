using System.Diagnostics;
using VoiceWorker.Bench.Broker;

namespace VoiceWorker.Bench.Throughput;

/// <summary>How a queue filled: the course of a run without touching its messages.</summary>
/// <param name="Points">Seconds since the start, and messages by then.</param>
internal sealed record Course(IReadOnlyList<(double Seconds, int Messages)> Points)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public double Seconds => Points[^1].Seconds;

    /// <summary>Watches until the queue has so many messages, or none was added for 30 s.</summary>
    public static async Task<Course> FollowAsync(BenchBroker broker, string queue, int messages, CancellationToken cancellationToken)
    {
        var (clock, points) = (Stopwatch.StartNew(), new List<(double Seconds, int Messages)> { (0, 0) });
        while (true)
        {
            var depth = await broker.DepthAsync(queue, cancellationToken);
            var now = clock.Elapsed.TotalSeconds;
            if (depth > points[^1].Messages)
                points.Add((now, depth));
            if (depth >= messages || now - points[^1].Seconds > Patience.TotalSeconds)
                return new Course(points);
            await Task.Delay(Interval, cancellationToken);
        }
    }

    /// <summary>Messages per second in each of so many equal shares of all messages.</summary>
    public IReadOnlyList<double> RateByShare(int shares)
    {
        var size = Points[^1].Messages / (double)shares;
        return Enumerable.Range(0, shares).Select(share => size / (TimeOf((share + 1) * size) - TimeOf(share * size))).ToList();
    }

    // Between two points, in proportion.
    private double TimeOf(double messages)
    {
        var next = Points.ToList().FindIndex(point => point.Messages >= messages);
        if (next <= 0)
            return Points[Math.Max(next, 0)].Seconds;
        var (before, after) = (Points[next - 1], Points[next]);
        return before.Seconds + (messages - before.Messages) / (after.Messages - before.Messages) * (after.Seconds - before.Seconds);
    }
}
