using System.Text.Json.Serialization;
using VoiceWorker.Contracts.Json;

namespace VoiceWorker.Contracts;

/// <summary>A business has another voice, by a <see cref="BusinessVoiceChanged"/> or, where the worker is set to record
/// them, by a change that the application wrote into its table itself. Exchange
/// <c>business-voice-updated</c>.</summary>
public sealed record BusinessVoiceUpdated : AuditEvent
{
    /// <summary>The business.</summary>
    public required int BusinessId { get; init; }

    /// <summary>What was stored before, as found; null when nothing was.</summary>
    public required string? PreviousVoiceId { get; init; }

    /// <summary>What is stored now.</summary>
    public required string VoiceId { get; init; }

    /// <summary>When it was changed, UTC.</summary>
    [JsonConverter(typeof(Rfc3339Converter))]
    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>Who changed it, if the producer said so: its word; <c>db:</c> and the role of PostgreSQL for a change
    /// that the application wrote itself without saying who.</summary>
    public required string? ChangedBy { get; init; }

    /// <summary>Whether <c>previousVoiceId</c> is not what the change that stood had left: somebody has changed
    /// it since, and no event tells of it. Absent when it is, and where no change was recorded before.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ChangedOutside { get; init; }
}
