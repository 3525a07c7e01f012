using System.Text.Json.Serialization;
using VoiceWorker.Contracts.Json;

namespace VoiceWorker.Contracts;

/// <summary>
/// A call has begun and needs a voice. Exchange <c>call-started</c>. Identity is <paramref name="CallId"/>: a repeat is
/// answered with the voice that was resolved first. The reply, to a caller that asks for one, is
/// <see cref="CallVoice"/>, or <see cref="CallRefused"/> when the message breaks its contract.
/// </summary>
/// <param name="CallId">The telephony provider's call SID: 1–64 printable characters, no surrounding white
/// space.</param>
/// <param name="BusinessId">The business that is called: 1 … 2^31-1.</param>
/// <param name="StartedAt">When the call began, as an RFC 3339 instant; kept as UTC to the microsecond.</param>
public sealed record CallStarted(
    string CallId,
    int BusinessId,
    [property: JsonConverter(typeof(Rfc3339Converter))] DateTimeOffset StartedAt);
