namespace VoiceWorker.Persistence.Audit;

/// <summary>How much a query finds.</summary>
/// <param name="Count">Events.</param>
/// <param name="LastPosition">Of the last one; 0 when there is none.</param>
public sealed record AuditExtent(long Count, long LastPosition);
