namespace VoiceWorker.Observability;

/// <summary>How far the migration of this start has come.</summary>
public enum MigrationPhase
{
    /// <summary>PostgreSQL is waited for.</summary>
    Pending,

    /// <summary>It is inspected and, where anything is left to do, changed.</summary>
    Running,

    /// <summary>The schema is as it must be.</summary>
    Verified,

    /// <summary>It could not be brought there, or something critical is missing: the process ends.</summary>
    Failed,
}
