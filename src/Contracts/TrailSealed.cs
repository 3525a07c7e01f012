namespace VoiceWorker.Contracts;

/// <summary>
/// Seals what the event store got since the seal before. Exchange <c>trail-sealed</c>, stream <c>seals</c>. Who keeps
/// seals outside the database can prove with them that nothing before them was altered or removed.
/// </summary>
public sealed record TrailSealed : AuditEvent
{
    /// <summary>How many events it seals: all between the seal before and this one.</summary>
    public required long Events { get; init; }

    /// <summary>How many events this seal and all before it seal.</summary>
    public required long EventsInAll { get; init; }

    /// <summary>How many streams these events are of.</summary>
    public required long Streams { get; init; }

    /// <summary>Of the last of these events in the event store that sealed it, as mt_events.seq_id.</summary>
    public required long Position { get; init; }

    /// <summary>The root of the seal before, 64 zeros in the first one.</summary>
    public required string PreviousRoot { get; init; }

    /// <summary>SHA-256 over the previous root and, for each of the streams in the order of the UTF-8 bytes of their
    /// names, its name, the sequence and the hash of its last event, each with a line feed behind it; 64 lower-case
    /// hexadecimal digits.</summary>
    public required string Root { get; init; }
}
