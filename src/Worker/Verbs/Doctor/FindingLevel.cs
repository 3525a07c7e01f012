namespace VoiceWorker.Verbs.Doctor;

/// <summary>How much a finding matters.</summary>
internal enum FindingLevel
{
    Ok,

    /// <summary>The worker works, and something should be looked at.</summary>
    Warning,

    /// <summary>The worker does not start, or loses what it must not.</summary>
    Error,
}
