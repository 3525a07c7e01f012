using System.Text.Json.Serialization;

namespace VoiceWorker.Contracts;

/// <summary>Where a resolved voice comes from.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<VoiceSource>))]
public enum VoiceSource
{
    /// <summary>The voice of the business itself.</summary>
    [JsonStringEnumMemberName("business")] Business,

    /// <summary>The configured default voice.</summary>
    [JsonStringEnumMemberName("default")] Default,
}
