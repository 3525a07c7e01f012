using System.Text.Json.Serialization;

namespace VoiceWorker.Contracts;

/// <summary>What became of a <see cref="BusinessVoiceChanged"/>.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ChangeOutcome>))]
public enum ChangeOutcome
{
    /// <summary>The business got the voice.</summary>
    [JsonStringEnumMemberName("updated")] Updated,

    /// <summary>The change was not made.</summary>
    [JsonStringEnumMemberName("rejected")] Rejected,
}
