namespace VoiceWorker.Verbs.Doctor;

/// <summary>One thing that was examined.</summary>
/// <param name="Level">How it is.</param>
/// <param name="Check">What was examined, such as <c>postgres.version</c>; stable, for scripts.</param>
/// <param name="Text">What was found.</param>
/// <param name="Remedy">What to do about it; null when nothing is to be done.</param>
internal sealed record Finding(FindingLevel Level, string Check, string Text, string? Remedy = null)
{
    public static Finding Ok(string check, string text) => new(FindingLevel.Ok, check, text);

    public static Finding Warning(string check, string text, string remedy) =>
        new(FindingLevel.Warning, check, text, remedy);

    public static Finding Error(string check, string text, string remedy) =>
        new(FindingLevel.Error, check, text, remedy);
}

/// <summary>How much a finding matters.</summary>
internal enum FindingLevel
{
    Ok,

    /// <summary>The worker works, and something should be looked at.</summary>
    Warning,

    /// <summary>The worker does not start, or loses what it must not.</summary>
    Error,
}
