using RabbitMQ.Client;
using VoiceWorker.DeadLetters;
using VoiceWorker.Observability;
using VoiceWorker.Servers;

namespace VoiceWorker.Boot;

/// <summary>
/// Length and consumers of the queues that matter, and for how long each has not been empty. RabbitMQ tells no age of a
/// message, and taking one to look at it would count as a delivery; but a queue that was seen empty holds nothing
/// older than that look.
/// </summary>
internal sealed class QueueWatch(IEnumerable<string> auditQueues, WorkerMetrics metrics, TimeProvider time)
{
    private readonly List<WatchedQueue> _queues =
    [
        .. InputQueue.All.Select(queue => new WatchedQueue(queue.Name, "input")),
        .. auditQueues.Where(name => name.Length > 0).Distinct(StringComparer.Ordinal)
            .Select(queue => new WatchedQueue(queue, "audit")),
    ];

    /// <summary>One look at each.</summary>
    public async Task LookAsync(IConnection connection, CancellationToken cancellationToken)
    {
        foreach (var queue in _queues)
        {
            var found = await BrokerQueue.FindAsync(connection, queue.Name, cancellationToken);
            (queue.Messages, queue.Consumers) = (found?.MessageCount ?? 0, found?.ConsumerCount ?? 0);
            // Before the first look nothing is known of it.
            if (queue.Messages == 0 || queue.EmptyAt is null)
                queue.EmptyAt = time.GetTimestamp();
            Tell(queue);
        }

        foreach (var (queue, messages) in await new DeadLetterQueues(connection).CountAsync(cancellationToken))
            metrics.DeadLetters(queue, messages);
    }

    /// <summary>While the broker cannot be asked what waited still waits, and longer.</summary>
    public void LookAway() => _queues.Where(queue => queue.EmptyAt is not null).ToList().ForEach(Tell);

    private void Tell(WatchedQueue queue) => metrics.Queue(
        queue.Name, queue.Role, queue.Messages, queue.Consumers,
        queue.Messages == 0 ? TimeSpan.Zero : time.GetElapsedTime(queue.EmptyAt!.Value));

    private sealed record WatchedQueue(string Name, string Role)
    {
        public long Messages { get; set; }

        public long Consumers { get; set; }

        public long? EmptyAt { get; set; }
    }
}
