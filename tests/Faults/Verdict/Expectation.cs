namespace VoiceWorker.Tests.Faults.Verdict;

/// <summary>What a script's faults leave to promise, beyond what holds in all of them.</summary>
public enum Expectation
{
    /// <summary>The broker was hurt: a reply can be lost with it.</summary>
    RepliesMayBeLost,

    /// <summary>Workers were hurt, the broker was not: every call that asked got a reply.</summary>
    EveryAskIsAnswered,

    /// <summary>No worker was hurt, nor the broker: also, every reply is what was recorded.</summary>
    EveryReplyIsRecorded,
}
