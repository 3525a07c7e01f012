using VoiceWorker.Contracts;

namespace VoiceWorker.Servers;

/// <summary>A queue that the worker consumes, with the two that keep what could not be processed.</summary>
/// <param name="Name">Of the queue, and of the exchange that MassTransit puts before it.</param>
/// <param name="Exchange">Where producers publish.</param>
/// <param name="Contract">The one type of its messages.</param>
internal sealed record InputQueue(string Name, string Exchange, Type Contract)
{
    public static InputQueue CallStarted { get; } =
        new("voice-worker.call-started", Exchanges.CallStarted, typeof(CallStarted));

    public static InputQueue BusinessVoiceChanged { get; } =
        new("voice-worker.business-voice-changed", Exchanges.BusinessVoiceChanged, typeof(BusinessVoiceChanged));

    public static IReadOnlyList<InputQueue> All { get; } = [CallStarted, BusinessVoiceChanged];

    /// <summary>As people call it: without the worker's name, which all have in front.</summary>
    public string ShortName => Name[(Name.IndexOf('.', StringComparison.Ordinal) + 1)..];

    /// <summary>Where the worker moves what breaks its contract.</summary>
    public string Error => Name + "_error";

    /// <summary>Where RabbitMQ puts what was delivered too often, or expired; exchange and queue.</summary>
    public string Dead => Name + "_dead";

    /// <summary>Both of them.</summary>
    public IReadOnlyList<string> DeadLetters => [Error, Dead];

    /// <summary>How it is declared.</summary>
    /// <param name="deliveryLimit">Always explicit: RabbitMQ 4 drops a message after 20 deliveries by default.</param>
    public Dictionary<string, object?> Arguments(int deliveryLimit) => QueueArguments.OfInput(Dead, deliveryLimit);
}

/// <summary>Arguments of the worker's queues: one source for MassTransit and for the check at the start.</summary>
internal static class QueueArguments
{
    // "None" cannot be expressed for both: RabbitMQ 3.10 refuses -1, and RabbitMQ 4 takes absence for 20.
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

    /// <summary>The stream of what was published last: old parts go, so that it never fills up.</summary>
    public static Dictionary<string, object?> OfMemory() => new()
    {
        ["x-queue-type"] = "stream",
        ["x-max-length-bytes"] = 64L * 1024 * 1024,
        // What goes, goes in parts of this size.
        ["x-stream-max-segment-size-bytes"] = 8L * 1024 * 1024,
    };

    /// <summary>The queue of audit events that the worker declares on request: who consumes it is not known here, so
    /// nothing is dropped for having been returned, nor, where a policy limits its length, for being old.</summary>
    public static Dictionary<string, object?> OfAudit() => new()
    {
        ["x-queue-type"] = "quorum",
        ["x-delivery-limit"] = OutOfReach,
        // The event stays unpublished until there is room.
        ["x-overflow"] = "reject-publish",
    };
}
