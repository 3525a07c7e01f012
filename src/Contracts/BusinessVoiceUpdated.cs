using System.Text.Json.Serialization;
using VoiceWorker.Contracts.Json;

namespace VoiceWorker.Contracts;

/// <summary>A business has another voice. Exchange <c>business-voice-updated</c>.</summary>
public sealed record BusinessVoiceUpdated : AuditEvent
{
    /// <summary>The business.</summary>
    public required int BusinessId { get; init; }

    /// <summary>What was stored before; null when nothing was.</summary>
    public required string? PreviousVoiceId { get; init; }

    /// <summary>What is stored now.</summary>
    public required string VoiceId { get; init; }

    /// <summary>When it was changed, UTC.</summary>
    [JsonConverter(typeof(Rfc3339Converter))]
    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>Who changed it, if the producer said so.</summary>
    public required string? ChangedBy { get; init; }
}
