namespace VoiceWorker.Persistence.Verification;

/// <summary>One difference.</summary>
/// <param name="Kind">In what way.</param>
/// <param name="Text">What is there and what is not, for people.</param>
public sealed record AuditDifference(DifferenceKind Kind, string Text)
{
    /// <summary>The decision that is concerned, such as <c>call CA-1 of business 42</c>; null when none is.</summary>
    public string? Decision { get; init; }

    /// <summary>The event that is concerned; null when none is.</summary>
    public Guid? EventId { get; init; }

    /// <summary>Its stream; null when there is none.</summary>
    public string? Stream { get; init; }

    /// <summary>Its place there; null when it has none.</summary>
    public long? Sequence { get; init; }

    /// <summary>The fields that differ, where a row and its event do.</summary>
    public IReadOnlyList<FieldDifference> Fields { get; init; } = [];
}

/// <summary>In what way the audit trail and what was recorded differ.</summary>
public enum DifferenceKind
{
    /// <summary>An event has a decision that is not recorded.</summary>
    RowMissing,

    /// <summary>A decision is recorded and has no event.</summary>
    EventMissing,

    /// <summary>A decision and its event say different things.</summary>
    ValueDiffers,

    /// <summary>A business has another voice than its last recorded change left.</summary>
    VoiceDiffers,

    /// <summary>A row is not what a decision can be.</summary>
    RowUnreadable,

    /// <summary>Two rows have the same event.</summary>
    RowDoubled,

    /// <summary>A decision has two events, or an event is there twice.</summary>
    EventDoubled,

    /// <summary>An event is not what its contract says.</summary>
    EventUnreadable,

    /// <summary>The sequences of a stream are not 1, 2, 3 … in the order of the store.</summary>
    SequenceBroken,

    /// <summary>A stream does not end at its recorded version.</summary>
    StreamEndDiffers,

    /// <summary>The checkpoint is beyond the end of the store.</summary>
    CheckpointImplausible,

    /// <summary>More or fewer events are gone than were removed because of their age.</summary>
    RemovalImplausible,

    /// <summary>The hash of an event does not follow from the event and the one before.</summary>
    HashDiffers,

    /// <summary>An event has no hash, and the one before in its stream has.</summary>
    HashMissing,

    /// <summary>A seal does not say what lies before it, or what somebody who has kept it says.</summary>
    SealDiffers,

    /// <summary>A seal that somebody has kept is not there.</summary>
    SealMissing,
}
