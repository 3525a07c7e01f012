namespace VoiceWorker.Verbs.Audit;

/// <summary>How events are shown.</summary>
internal enum AuditHistoryForm
{
    /// <summary>One line each.</summary>
    Lines,

    /// <summary>Each field on a line of its own.</summary>
    Whole,

    /// <summary>One array, as on the wire.</summary>
    Json,
}
