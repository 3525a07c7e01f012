namespace VoiceWorker.Contracts;

/// <summary>
/// A database that was behind took the place of another: events of this stream were published, and it did not have
/// them. Exchange <c>history-lost</c>, in the stream that it tells of; its sequence is above every one that was
/// published.
/// </summary>
public sealed record HistoryLost : AuditEvent
{
    /// <summary>The events that are known to be lost, in the order of their sequences.</summary>
    public required IReadOnlyList<LostEvent> Lost { get; init; }

    /// <summary>Whether these are all: false where the record of what was published has a hole.</summary>
    public required bool IsComplete { get; init; }
}

/// <summary>A published event that the database did not have.</summary>
public sealed record LostEvent
{
    /// <summary>Its id.</summary>
    public required Guid EventId { get; init; }

    /// <summary>Its sequence in the stream.</summary>
    public required long Sequence { get; init; }

    /// <summary>Its type, such as <c>CallVoiceResolved</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Whether it is in the event store again, with its id and sequence.</summary>
    public required bool RecordedAgain { get; init; }
}
