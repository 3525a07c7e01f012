namespace VoiceWorker.Persistence.Retention;

/// <summary>What is removed by age.</summary>
public enum RetentionStore
{
    /// <summary><c>voice.call_voice</c> and <c>voice.business_voice_change</c>.</summary>
    Decisions,

    /// <summary><c>voice_audit.mt_events</c>.</summary>
    Audit,
}
