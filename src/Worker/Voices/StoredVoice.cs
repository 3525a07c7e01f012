namespace VoiceWorker.Voices;

/// <summary>What the database says of a business.</summary>
/// <param name="BusinessExists">Whether there is such a business.</param>
/// <param name="VoiceId">Its voice as stored; null when none is.</param>
internal readonly record struct StoredVoice(bool BusinessExists, string? VoiceId)
{
    /// <summary>Looks a business up among those that were read.</summary>
    /// <param name="voices">The businesses that exist.</param>
    /// <param name="businessId">The one that is asked for.</param>
    public static StoredVoice Of(IReadOnlyDictionary<int, string?> voices, int businessId) =>
        voices.TryGetValue(businessId, out var voiceId) ? new(true, voiceId) : new(false, null);
}
