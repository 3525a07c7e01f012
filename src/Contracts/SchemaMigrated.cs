namespace VoiceWorker.Contracts;

/// <summary>A migration changed the database schema. Exchange <c>schema-migrated</c>, stream <c>schema</c>.</summary>
public sealed record SchemaMigrated : AuditEvent
{
    /// <summary>The migration's name, such as <c>58_add_business_voice_id</c>.</summary>
    public required string Migration { get; init; }

    /// <summary>The steps that were carried out, in order.</summary>
    public required IReadOnlyList<string> Steps { get; init; }

    /// <summary>Rows that got the default voice because they had none.</summary>
    public required long RowsBackfilled { get; init; }

    /// <summary>From the first inspection to the target state, in milliseconds.</summary>
    public required long DurationMs { get; init; }
}
