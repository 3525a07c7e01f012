namespace VoiceWorker.Persistence.Audit;

/// <summary>Which events of the store are meant.</summary>
public sealed record AuditQuery
{
    /// <summary>Only of this stream; null means of all.</summary>
    public string? Stream { get; init; }

    /// <summary>Only of this call; null means whatever they are about.</summary>
    public string? CallId { get; init; }

    /// <summary>Not decided before; null means from the beginning.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Decided before; null means to the end.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Not beyond this position, so that reading ends on a store that grows.</summary>
    public long LastPosition { get; init; } = long.MaxValue;

    /// <summary>Whether the latest come first.</summary>
    public bool NewestFirst { get; init; }
}
