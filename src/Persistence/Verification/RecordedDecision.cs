using VoiceWorker.Contracts;

namespace VoiceWorker.Persistence.Verification;

/// <summary>A row that was written together with an event.</summary>
/// <param name="Table">Where it is.</param>
/// <param name="Event">The event as it must have been, without its sequence.</param>
public sealed record RecordedDecision(string Table, AuditEvent Event)
{
    /// <summary>What was decided, for people.</summary>
    public string Name => NameOf(Event);

    /// <summary>What an event tells of, for people.</summary>
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
