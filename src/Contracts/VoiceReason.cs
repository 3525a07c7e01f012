using System.Text.Json.Serialization;

namespace VoiceWorker.Contracts;

/// <summary>Why a call got its voice.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<VoiceReason>))]
public enum VoiceReason
{
    /// <summary>The business has a supported voice.</summary>
    [JsonStringEnumMemberName("businessVoice")] BusinessVoice,

    /// <summary>There is no such business.</summary>
    [JsonStringEnumMemberName("unknownBusiness")] UnknownBusiness,

    /// <summary>The stored voice is NULL, empty or blank.</summary>
    [JsonStringEnumMemberName("noVoice")] NoVoice,

    /// <summary>A voice is stored, but it is not in the catalogue.</summary>
    [JsonStringEnumMemberName("unsupportedVoice")] UnsupportedVoice,

    /// <summary>A reply was owed before the database answered.</summary>
    [JsonStringEnumMemberName("databaseUnavailable")] DatabaseUnavailable,
}
