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
