namespace VoiceWorker.Contracts;

/// <summary>An operator acted, by a verb of the command line or a console. Exchange <c>operator-acted</c>, stream
/// <c>operators</c>.</summary>
public sealed record OperatorActed : AuditEvent
{
    /// <summary>Longest <see cref="Operator"/>, in characters.</summary>
    public const int MaxOperatorLength = 119;

    /// <summary>Longest <see cref="Note"/>, in characters.</summary>
    public const int MaxNoteLength = 500;

    /// <summary>Who: user and host of the operating system such as <c>anna@host</c>, or a signed-in identity; after
    /// <c>db:ROLE as</c> where the role of PostgreSQL may only record acts.</summary>
    public required string Operator { get; init; }

    /// <summary>What was run, such as <c>dead-letters replay</c>.</summary>
    public required string Verb { get; init; }

    /// <summary>What was asked for: the options that were given, such as <c>business</c>, as text.</summary>
    public required IReadOnlyDictionary<string, string> Filter { get; init; }

    /// <summary>How many of what, such as <c>sent</c>; of an act that did not reach its end, so far.</summary>
    public required IReadOnlyDictionary<string, long> Counts { get; init; }

    /// <summary>How it ended.</summary>
    public required OperatorActResult Result { get; init; }

    /// <summary>Why, in the operator's words; null when none were given.</summary>
    public required string? Note { get; init; }
}
