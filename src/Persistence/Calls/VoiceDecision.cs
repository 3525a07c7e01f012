using VoiceWorker.Contracts;

namespace VoiceWorker.Persistence.Calls;

/// <summary>The voice that a call gets, and why.</summary>
/// <param name="VoiceId">A voice of the catalogue.</param>
/// <param name="Source">Where it comes from.</param>
/// <param name="Reason">Why this one.</param>
/// <param name="StoredVoiceId">The stored voice when it was not used; otherwise null.</param>
public sealed record VoiceDecision(
    string VoiceId, VoiceSource Source, VoiceReason Reason, string? StoredVoiceId = null);
