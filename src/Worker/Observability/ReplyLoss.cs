namespace VoiceWorker.Observability;

/// <summary>Why a caller that asked for a reply did not get it.</summary>
public enum ReplyLoss
{
    /// <summary>There is no queue of that name.</summary>
    Unroutable,

    /// <summary>The broker did not take it.</summary>
    Refused,

    /// <summary>It could not be published while the caller waited.</summary>
    Late,

    /// <summary>Too many replies waited already.</summary>
    Overflow,

    /// <summary>The worker stopped before.</summary>
    Stopped,
}
