using System.Text.Json.Serialization;
using VoiceWorker.Contracts.Json;

namespace VoiceWorker.Contracts;

/// <summary>A change of voice was not made. Exchange <c>business-voice-change-rejected</c>.</summary>
public sealed record BusinessVoiceChangeRejected : AuditEvent
{
    /// <summary>The business.</summary>
    public required int BusinessId { get; init; }

    /// <summary>The voice that was asked for.</summary>
    public required string VoiceId { get; init; }

    /// <summary>Why it was not made.</summary>
    public required ChangeRejection Reason { get; init; }

    /// <summary>When it was changed, UTC.</summary>
    [JsonConverter(typeof(Rfc3339Converter))]
    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>Who asked for it, if the producer said so.</summary>
    public required string? ChangedBy { get; init; }

    /// <summary>Whether the stored voice, which stays, is not what the change that stands has left: somebody has
    /// changed it since, and no event tells of it. Absent when it is, and where no change was recorded
    /// before.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ChangedOutside { get; init; }
}
