using System.Text.Json.Serialization;
using VoiceWorker.Contracts.Json;

namespace VoiceWorker.Contracts;

/// <summary>
/// What all audit events have in common. Delivery is at least once: a repeat has the same <see cref="EventId"/>,
/// <see cref="Stream"/> and <see cref="Sequence"/>, so a consumer that keeps the last sequence per stream can drop
/// repeats and prove that it missed nothing.
/// </summary>
public abstract record AuditEvent
{
    /// <summary>UUID version 7; also the AMQP message_id.</summary>
    [JsonPropertyOrder(-4)]
    public Guid EventId { get; init; }

    /// <summary><c>business-42</c>, <c>schema</c>, <c>seals</c> or <c>operators</c>.</summary>
    [JsonPropertyOrder(-3)]
    public string Stream { get; init; } = "";

    /// <summary>1, 2, 3 … per stream, without a gap or a repeat.</summary>
    [JsonPropertyOrder(-2)]
    public long Sequence { get; init; }

    /// <summary>When the worker decided it, UTC.</summary>
    [JsonPropertyOrder(-1)]
    [JsonConverter(typeof(Rfc3339Converter))]
    public DateTimeOffset OccurredAt { get; init; }

    /// <summary>SHA-256 over the hash of the event before in its stream and this event, 64 lower-case hexadecimal
    /// digits: who keeps the last one per stream can prove that nothing before it was altered. Absent from an event
    /// that was recorded by a version without hashes.</summary>
    [JsonPropertyOrder(1)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Hash { get; init; }

    /// <summary>The stream of a business: <c>business-42</c>.</summary>
    /// <param name="businessId">The business: 1 … 2^31-1.</param>
    public static string BusinessStream(int businessId) => $"business-{businessId}";

    /// <summary>The stream of changes to the database schema.</summary>
    public const string SchemaStream = "schema";

    /// <summary>The stream of the seals.</summary>
    public const string SealStream = "seals";

    /// <summary>The stream of what operators do.</summary>
    public const string OperatorsStream = "operators";
}
