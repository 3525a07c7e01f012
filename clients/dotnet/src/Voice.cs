using VoiceWorker.Contracts;

namespace VoiceWorker.Client;

/// <summary>The voice to speak with.</summary>
/// <param name="VoiceId">The voice.</param>
/// <param name="Source">Whether it is that of the business, or a default of the worker or of the caller.</param>
/// <param name="Reason">Why: in the worker's words, such as <c>businessVoice</c> or <c>unknownBusiness</c>,
/// <see cref="Timeout"/> or <see cref="NotRecorded"/>. A text, as a newer worker may have reasons of its own.</param>
/// <param name="BusinessId">As asked.</param>
/// <param name="CallId">As asked.</param>
public sealed record Voice(string VoiceId, VoiceSource Source, string Reason, int BusinessId, string CallId)
{
    /// <summary>No answer came in time: the default of the caller.</summary>
    public const string Timeout = "timeout";

    /// <summary>The worker could not record the call: the default of the caller.</summary>
    public const string NotRecorded = "notRecorded";

    /// <summary>Whether the worker has said so: then it is what its audit trail has for this call.</summary>
    public bool IsAnswer => Reason is not (Timeout or NotRecorded);
}
