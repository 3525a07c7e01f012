namespace VoiceWorker.DeadLetters;

/// <summary>Which dead letters are meant; what is null does not narrow.</summary>
internal sealed record DeadLetterFilter
{
    /// <summary>The beginning of an id, in lower case.</summary>
    public string? IdPrefix { get; init; }

    /// <summary>The queue in which it lies or in which it failed.</summary>
    public string? Queue { get; init; }

    /// <summary>A part of the reason, in any case.</summary>
    public string? Reason { get; init; }

    /// <summary>The business as the message has it.</summary>
    public string? Business { get; init; }

    /// <summary>It died before; what has no time of death did not.</summary>
    public DateTimeOffset? Before { get; init; }

    public bool MayLieIn((string Queue, string Origin) place) =>
        Queue is null || Queue == place.Queue || Queue == place.Origin;

    public bool Matches(DeadLetter letter) =>
        (IdPrefix is null || letter.Id.StartsWith(IdPrefix, StringComparison.Ordinal))
        && MayLieIn((letter.Queue, letter.Origin))
        && (Reason is null || letter.Death.Reason?.Contains(Reason, StringComparison.OrdinalIgnoreCase) == true)
        && (Business is null || letter.Glance.BusinessId == Business)
        && (Before is null || letter.Death.At < Before);
}
