namespace VoiceWorker.Contracts;

/// <summary>Names of the RabbitMQ exchanges that producers and consumers meet at; all durable, type fanout.</summary>
public static class Exchanges
{
    /// <summary>Where <see cref="Contracts.CallStarted"/> goes.</summary>
    public const string CallStarted = "call-started";

    /// <summary>Where <see cref="Contracts.BusinessVoiceChanged"/> goes.</summary>
    public const string BusinessVoiceChanged = "business-voice-changed";

    /// <summary>Every audit event.</summary>
    public const string VoiceAudit = "voice-audit";

    /// <summary>Only <see cref="Contracts.CallVoiceResolved"/>.</summary>
    public const string CallVoiceResolved = "call-voice-resolved";

    /// <summary>Only <see cref="Contracts.BusinessVoiceUpdated"/>.</summary>
    public const string BusinessVoiceUpdated = "business-voice-updated";

    /// <summary>Only <see cref="Contracts.BusinessVoiceChangeRejected"/>.</summary>
    public const string BusinessVoiceChangeRejected = "business-voice-change-rejected";

    /// <summary>Only <see cref="Contracts.SchemaMigrated"/>.</summary>
    public const string SchemaMigrated = "schema-migrated";

    /// <summary>Only <see cref="Contracts.HistoryLost"/>.</summary>
    public const string HistoryLost = "history-lost";

    /// <summary>Only <see cref="Contracts.TrailSealed"/>.</summary>
    public const string TrailSealed = "trail-sealed";

    /// <summary>Only <see cref="Contracts.OperatorActed"/>.</summary>
    public const string OperatorActed = "operator-acted";

    /// <summary>The exchange of each audit event type; every one is bound to <see cref="VoiceAudit"/>.</summary>
    public static IReadOnlyDictionary<Type, string> OfAuditEvents { get; } = new Dictionary<Type, string>
    {
        [typeof(CallVoiceResolved)] = CallVoiceResolved,
        [typeof(BusinessVoiceUpdated)] = BusinessVoiceUpdated,
        [typeof(BusinessVoiceChangeRejected)] = BusinessVoiceChangeRejected,
        [typeof(SchemaMigrated)] = SchemaMigrated,
        [typeof(HistoryLost)] = HistoryLost,
        [typeof(TrailSealed)] = TrailSealed,
        [typeof(OperatorActed)] = OperatorActed,
    };
}
