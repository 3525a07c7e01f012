using System.Text.Json.Serialization;
using VoiceWorker.Contracts.Json;

namespace VoiceWorker.Contracts;

/// <summary>
/// A business is to have another voice. Exchange <c>business-voice-changed</c>. Identity is (businessId, changedAt,
/// voiceId); of two changes the one with the later <paramref name="ChangedAt"/> stands, whatever order they arrive in.
/// The reply, to a producer that asks for one, is <see cref="VoiceChangeResult"/>, or <see cref="ChangeRefused"/> when
/// the message breaks its contract.
/// </summary>
/// <param name="BusinessId">The business: 1 … 2^31-1.</param>
/// <param name="VoiceId">The new voice, compared after trimming and lower-casing: 1–32 printable characters.</param>
/// <param name="ChangedAt">When it was changed, as an RFC 3339 instant; kept as UTC to the microsecond.</param>
/// <param name="ChangedBy">Who changed it; optional, at most 128 characters.</param>
public sealed record BusinessVoiceChanged(
    int BusinessId,
    string VoiceId,
    [property: JsonConverter(typeof(Rfc3339Converter))] DateTimeOffset ChangedAt,
    string? ChangedBy = null);
