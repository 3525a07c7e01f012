namespace VoiceWorker.Persistence;

/// <summary>One worker as it says of itself.</summary>
/// <param name="Host">The machine.</param>
/// <param name="Version">Of its assembly.</param>
/// <param name="IsLeader">Whether it relays.</param>
/// <param name="IsReady">Whether it has finished its boot.</param>
/// <param name="CallsPerSecond">Calls that it answered since its row was written before.</param>
/// <param name="Held">Why it holds audit events, or cannot lead; null while it can.</param>
/// <param name="Consuming">What it consumes; null of a version that does not tell.</param>
/// <param name="Replies">Its replies since its row was written before; null of a version that does not tell.</param>
public sealed record WorkerState(
    string Host, string Version, bool IsLeader, bool IsReady, double CallsPerSecond, string? Held,
    WorkerConsuming? Consuming, WorkerReplies? Replies)
{
    /// <summary>Of its process.</summary>
    public Guid WorkerId { get; init; }

    /// <summary>When its first row was written; null before.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>Whether an operator has asked it to consume nothing more.</summary>
    public bool IsDraining { get; init; }
}

/// <summary>What a worker consumes.</summary>
/// <param name="Paused">The queues that it does not consume, because they are paused or it is to drain.</param>
/// <param name="InFlight">Deliveries that are not settled yet.</param>
/// <param name="IsDrained">Whether it was to drain, consumes nothing and has nothing in flight.</param>
public sealed record WorkerConsuming(IReadOnlyList<string> Paused, int InFlight, bool IsDrained);

/// <summary>Replies to calls within some time.</summary>
/// <param name="Count">How many.</param>
/// <param name="P50Ms">Milliseconds from the arrival of a call until half of them were handed over; null without
/// any.</param>
/// <param name="P99Ms">The same for 99 of 100.</param>
/// <param name="FallbackShare">How many of one had the default voice because the database did not answer in
/// time; null without any.</param>
public sealed record WorkerReplies(long Count, double? P50Ms, double? P99Ms, double? FallbackShare);
