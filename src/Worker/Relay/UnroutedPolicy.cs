namespace VoiceWorker.Relay;

/// <summary>What becomes of an event that no queue is bound for.</summary>
public enum UnroutedPolicy
{
    /// <summary>It waits, with all after it, for the first consumer that binds.</summary>
    Hold,

    /// <summary>It counts as done and stays in the store for replay: for consumers that bind only some types.</summary>
    Skip,
}
