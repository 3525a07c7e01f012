using VoiceWorker.Contracts;

namespace VoiceWorker.Persistence.Verification;

/// <summary>A row that was written together with an event.</summary>
/// <param name="Table">Where it is.</param>
/// <param name="EventId">Of that event.</param>
/// <param name="Event">The event as it must have been, without its sequence; null when the row stands for none.</param>
/// <param name="Flaw">Why it stands for none, such as <c>source is "elsewhere"</c>; null when it does.</param>
public sealed record RecordedDecision(string Table, Guid EventId, AuditEvent? Event, string? Flaw = null)
{
    /// <summary>What was decided, for people.</summary>
    public string Name => Event is null ? $"event {EventId}" : NameOf(Event);

    /// <summary>The decision of an event, for people.</summary>
    /// <param name="told">Any.</param>
    public static string NameOf(AuditEvent told) => told switch
    {
        CallVoiceResolved call => $"call {call.CallId} of business {call.BusinessId}",
        BusinessVoiceUpdated change => NameOf(change.BusinessId, change.VoiceId, change.ChangedAt),
        BusinessVoiceChangeRejected change => NameOf(change.BusinessId, change.VoiceId, change.ChangedAt),
        SchemaMigrated run => $"migration {run.Migration}",
        _ => told.GetType().Name,
    };

    private static string NameOf(int businessId, string voiceId, DateTimeOffset changedAt) =>
        $"change of business {businessId} to {voiceId} at {changedAt.UtcDateTime:yyyy-MM-ddTHH:mm:ss.ffffffZ}";
}
