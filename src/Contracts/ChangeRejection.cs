using System.Text.Json.Serialization;

namespace VoiceWorker.Contracts;

/// <summary>Why a <see cref="BusinessVoiceChanged"/> changed nothing.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ChangeRejection>))]
public enum ChangeRejection
{
    /// <summary>There is no such business.</summary>
    [JsonStringEnumMemberName("unknownBusiness")] UnknownBusiness,

    /// <summary>The voice is not in the catalogue.</summary>
    [JsonStringEnumMemberName("unsupportedVoice")] UnsupportedVoice,

    /// <summary>A later change already stands.</summary>
    [JsonStringEnumMemberName("superseded")] Superseded,
}
