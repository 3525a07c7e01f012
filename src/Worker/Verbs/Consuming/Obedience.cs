using VoiceWorker.Persistence;
using VoiceWorker.Servers;

namespace VoiceWorker.Verbs.Consuming;

/// <summary>What the running workers have made of an order, by their own rows.</summary>
/// <param name="Workers">Each that runs, and whether it obeys.</param>
internal sealed record Obedience(IReadOnlyList<(WorkerState Worker, bool Obeys)> Workers)
{
    // They look several times a second, and write into their row what they have done.
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    /// <summary>Whether all do.</summary>
    public bool IsComplete => Workers.All(one => one.Obeys);

    /// <summary>Deliveries that are not settled yet, as far as it is told.</summary>
    public int InFlight => Workers.Sum(one => one.Worker.Consuming?.InFlight ?? 0);

    /// <summary>Looks until all obey, or for so long.</summary>
    /// <param name="obeys">Whether a worker does.</param>
    /// <param name="patience">Zero looks once.</param>
    public static async Task<Obedience> WaitAsync(
        PostgresConnections connections, Func<WorkerState, bool> obeys, TimeSpan patience, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        while (true)
        {
            await using var connection = await connections.OpenAsync(cancellationToken);
            var running = await WorkerTable.RunningAsync(connection, cancellationToken);
            var now = new Obedience([.. running.Select(worker => (worker, obeys(worker)))]);
            if (now.IsComplete || time.GetElapsedTime(begun) >= patience)
                return now;
            await Task.Delay(BetweenLooks, time, cancellationToken);
        }
    }

    /// <summary>Whether a worker has stopped consuming some queues.</summary>
    public static bool HasStopped(WorkerState worker, IReadOnlyList<InputQueue> queues) =>
        worker.Consuming is { Paused: var paused } && queues.All(queue => paused.Contains(queue.Name));

    /// <summary>Whether it consumes them again, unless it is to drain.</summary>
    public static bool Consumes(WorkerState worker, IReadOnlyList<InputQueue> queues) =>
        worker.IsDraining || worker.Consuming is not { Paused: var paused }
        || !queues.Any(queue => paused.Contains(queue.Name));

    /// <summary>Whether a worker has drained, or goes on, if it is the one that is to; what is paused for all stays
    /// so.</summary>
    public static bool Does(WorkerState worker, Guid meant, bool isDraining) => worker.WorkerId != meant
        || (isDraining ? worker.Consuming is { IsDrained: true }
            : worker is { IsDraining: false, Consuming.IsDrained: false });

    /// <summary>That of one worker alone.</summary>
    public Obedience Of(Guid workerId) => new([.. Workers.Where(one => one.Worker.WorkerId == workerId)]);
}
