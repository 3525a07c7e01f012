namespace VoiceWorker.Persistence.Verification;

/// <summary>What has been looked at.</summary>
public sealed class VerificationCounts
{
    /// <summary>Calls, changes and migrations.</summary>
    public long Rows { get; set; }

    /// <summary>Events in the store.</summary>
    public long Events { get; set; }

    /// <summary>Events in the outbox, which have no sequence yet.</summary>
    public long Waiting { get; set; }
}
