using System.Text.Json.Serialization;

namespace VoiceWorker.Contracts;

/// <summary>The reply to a <see cref="CallStarted"/> that breaks its contract or cannot be recorded, in place of
/// <see cref="CallVoice"/>: the call is not recorded.</summary>
/// <param name="CallId">As asked; absent when it could not be read or breaks its own rule.</param>
/// <param name="Error">What is wrong.</param>
/// <param name="Broken">Every broken rule, in the order of the fields; at most 100.</param>
public sealed record CallRefused(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? CallId,
    RefusalError Error,
    IReadOnlyList<BrokenField> Broken);
