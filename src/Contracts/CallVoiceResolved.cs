using System.Text.Json.Serialization;
using VoiceWorker.Contracts.Json;

namespace VoiceWorker.Contracts;

/// <summary>A call got its voice. Exchange <c>call-voice-resolved</c>; one per call.</summary>
public sealed record CallVoiceResolved : AuditEvent
{
    /// <summary>The call.</summary>
    public required string CallId { get; init; }

    /// <summary>The business that is called.</summary>
    public required int BusinessId { get; init; }

    /// <summary>The voice that the call got.</summary>
    public required string VoiceId { get; init; }

    /// <summary>Where the voice comes from.</summary>
    public required VoiceSource Source { get; init; }

    /// <summary>Why this one.</summary>
    public required VoiceReason Reason { get; init; }

    /// <summary>The stored voice, when it was not used; otherwise absent.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? StoredVoiceId { get; init; }

    /// <summary>When the call began, UTC.</summary>
    [JsonConverter(typeof(Rfc3339Converter))]
    public required DateTimeOffset StartedAt { get; init; }
}
