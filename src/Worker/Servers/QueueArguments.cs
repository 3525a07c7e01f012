namespace VoiceWorker.Servers;

/// <summary>Arguments of the worker's queues: one source for MassTransit and for the check at the start.</summary>
internal static class QueueArguments
{
    // "None" cannot be said to both: RabbitMQ 3.10 refuses -1, and RabbitMQ 4 takes absence for 20.
    private const int OutOfReach = int.MaxValue;

    /// <summary>A queue that the worker consumes.</summary>
    /// <param name="dead">The exchange of its dead letters.</param>
    /// <param name="deliveryLimit">See <see cref="InputQueue.Arguments"/>.</param>
    public static Dictionary<string, object?> OfInput(string dead, int deliveryLimit) => new()
    {
        ["x-queue-type"] = "quorum",
        ["x-delivery-limit"] = deliveryLimit,
        ["x-dead-letter-exchange"] = dead,
        // The moving to the dead-letter queue is confirmed as well; that needs reject-publish.
        ["x-dead-letter-strategy"] = "at-least-once",
        ["x-overflow"] = "reject-publish",
    };

    /// <summary>A queue of dead letters: looking into it returns every message, which must never drop one.</summary>
    public static Dictionary<string, object?> OfDeadLetters() => new()
    {
        ["x-queue-type"] = "quorum",
        ["x-delivery-limit"] = OutOfReach,
        // Where a policy limits its length, what does not fit stays in the queue that it comes from.
        ["x-overflow"] = "reject-publish",
    };

    /// <summary>The queue of audit events that the worker is told to declare: who consumes it is not known here, so
    /// nothing is dropped for having been returned, nor, where a policy limits its length, for being old.</summary>
    public static Dictionary<string, object?> OfAudit() => new()
    {
        ["x-queue-type"] = "quorum",
        ["x-delivery-limit"] = OutOfReach,
        // The event stays unpublished until there is room.
        ["x-overflow"] = "reject-publish",
    };
}
