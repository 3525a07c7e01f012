namespace VoiceWorker.Tests.Faults.Verdict;

/// <summary>What a script hurts while calls are answered, and therefore what is left to promise of the replies.
/// Everything else is promised whatever is hurt.</summary>
[Flags]
public enum Hurt
{
    /// <summary>Every call that asks is answered, with what is recorded.</summary>
    None = 0,

    /// <summary>A reply can be lost with the broker.</summary>
    Broker = 1,

    /// <summary>Calls are answered when their deadline comes, with the default or with what was read by then; and that
    /// is what is recorded.</summary>
    Database = 2,

    /// <summary>With the database: a worker can die between such an answer and its record.</summary>
    Worker = 4,

    /// <summary>What was recorded and not yet published can be lost with its primary; what was published is
    /// not.</summary>
    History = 8,
}
