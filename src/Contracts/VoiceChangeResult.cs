using System.Text.Json.Serialization;
using VoiceWorker.Contracts.Json;

namespace VoiceWorker.Contracts;

/// <summary>The reply to <see cref="BusinessVoiceChanged"/>: what became of the change, and which voice the business
/// has now. A repeat of the change gets the outcome that was recorded first.</summary>
/// <param name="BusinessId">As asked.</param>
/// <param name="VoiceId">As asked, in the spelling of the catalogue.</param>
/// <param name="ChangedAt">As asked, UTC.</param>
/// <param name="Outcome">Whether the change was made.</param>
/// <param name="Reason">Why it was not made; absent when it was.</param>
/// <param name="StandingVoiceId">The voice that is stored for the business now; null when there is no such business or
/// none is stored.</param>
public sealed record VoiceChangeResult(
    int BusinessId,
    string VoiceId,
    [property: JsonConverter(typeof(Rfc3339Converter))] DateTimeOffset ChangedAt,
    ChangeOutcome Outcome,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ChangeRejection? Reason,
    string? StandingVoiceId);
