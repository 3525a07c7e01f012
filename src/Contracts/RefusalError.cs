using System.Text.Json.Serialization;

namespace VoiceWorker.Contracts;

/// <summary>Why a message was refused.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RefusalError>))]
public enum RefusalError
{
    /// <summary>It breaks its contract, and always will.</summary>
    [JsonStringEnumMemberName("invalidMessage")] InvalidMessage,

    /// <summary>It keeps its contract and cannot be recorded: the database rejects its row, or the worker fails on it.
    /// It is kept for the operators; sent again, it is refused again until they have found the cause.</summary>
    [JsonStringEnumMemberName("notRecorded")] NotRecorded,
}
