namespace VoiceWorker.Contracts;

/// <summary>The reply to <see cref="CallStarted"/>: the voice to speak with, and why.</summary>
/// <param name="CallId">As asked.</param>
/// <param name="BusinessId">As recorded for the call.</param>
/// <param name="VoiceId">The voice, always one of the catalogue.</param>
/// <param name="Source">Where the voice comes from.</param>
/// <param name="Reason">Why this one.</param>
public sealed record CallVoice(string CallId, int BusinessId, string VoiceId, VoiceSource Source, VoiceReason Reason);
