using System.Text.Json.Serialization;

namespace VoiceWorker.Contracts;

/// <summary>Why a message was refused.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RefusalError>))]
public enum RefusalError
{
    /// <summary>It breaks its contract, and always will.</summary>
    [JsonStringEnumMemberName("invalidMessage")] InvalidMessage,
}
