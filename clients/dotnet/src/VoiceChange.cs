namespace VoiceWorker.Client;

/// <summary>What became of a change of voice.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="BusinessId">As asked.</param>
/// <param name="VoiceId">As asked; in the spelling of the catalogue once the worker has answered.</param>
/// <param name="ChangedAt">Identifies the change together with business and voice.</param>
/// <param name="Reason">Why it was not made, in the worker's words: <c>unknownBusiness</c>, <c>unsupportedVoice</c> or
/// <c>superseded</c>; null for the other outcomes.</param>
/// <param name="StandingVoiceId">The voice that the business has now, so also the one that superseded this change; null
/// when there is none or no such business, and while the change is queued.</param>
public sealed record VoiceChange(
    VoiceChangeOutcome Outcome, int BusinessId, string VoiceId, DateTimeOffset ChangedAt, string? Reason = null,
    string? StandingVoiceId = null);

/// <summary>What became of a change of voice.</summary>
public enum VoiceChangeOutcome
{
    /// <summary>RabbitMQ keeps it, and the worker has not said yet what became of it: it will be made or
    /// rejected.</summary>
    Queued,

    /// <summary>The business has the voice.</summary>
    Updated,

    /// <summary>A later change stands.</summary>
    Superseded,

    /// <summary>It was not made; the reason says why.</summary>
    Refused,
}
