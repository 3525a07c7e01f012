using System.Text.Json.Serialization;

namespace VoiceWorker.Contracts;

/// <summary>The reply to a <see cref="BusinessVoiceChanged"/> that breaks its contract or cannot be recorded, in place
/// of <see cref="VoiceChangeResult"/>: the change is neither made nor recorded.</summary>
/// <param name="BusinessId">As asked; absent when it could not be read or breaks its own rule.</param>
/// <param name="Error">What is wrong.</param>
/// <param name="Broken">Every broken rule, in the order of the fields; at most 100.</param>
public sealed record ChangeRefused(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? BusinessId,
    RefusalError Error,
    IReadOnlyList<BrokenField> Broken);
