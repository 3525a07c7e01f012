namespace VoiceWorker.Persistence.Businesses;

/// <summary>What is known of the changes of some businesses.</summary>
public sealed class ChangeHistory
{
    /// <summary>What <c>business</c> stores, for the businesses that exist.</summary>
    public Dictionary<int, string?> StoredVoices { get; } = [];

    /// <summary>The change that stands, per business: the greatest (instant, voiceId) of those made, where the instant
    /// is changedAt, or when the change was recorded if that is earlier.</summary>
    public Dictionary<int, (DateTimeOffset At, string VoiceId)> Standing { get; } = [];

    /// <summary>Changes that are recorded already, made or rejected, by
    /// <see cref="DecidedChange.Identity"/>.</summary>
    public HashSet<(int BusinessId, DateTimeOffset ChangedAt, string VoiceId)> Recorded { get; } = [];
}
