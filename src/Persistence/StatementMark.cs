namespace VoiceWorker.Persistence;

/// <summary>
/// Names of the statements that make up a transaction, at the beginning of their SQL as <c>/* sequence */</c>: an
/// operator recognises them in <c>pg_stat_activity</c> and in PostgreSQL's log, and a fault test can stop there.
/// </summary>
public static class StatementMark
{
    /// <summary>Moves a page from the outbox into the event store and advances the checkpoint.</summary>
    public const string Sequence = "sequence";

    /// <summary>Locks the businesses that a group of changes is about.</summary>
    public const string LockBusinesses = "lock businesses";

    /// <summary>Records a group of calls with their events.</summary>
    public const string RecordCalls = "record calls";

    /// <summary>Records a group of changes with their events.</summary>
    public const string RecordChanges = "record changes";
}
