using System.Text.Json.Serialization;
using MassTransit;
using MassTransit.Serialization;

namespace VoiceWorker.Bus;

/// <summary>The MassTransit JSON envelope around a message, read in one pass with its message.</summary>
/// <typeparam name="T">Type of the message.</typeparam>
internal sealed class Envelope<T> : MessageEnvelope where T : class
{
    public string? MessageId { get; init; }
    public string? RequestId { get; init; }
    public string? CorrelationId { get; init; }
    public string? ConversationId { get; init; }
    public string? InitiatorId { get; init; }
    public string? SourceAddress { get; init; }
    public string? DestinationAddress { get; init; }
    public string? ResponseAddress { get; init; }
    public string? FaultAddress { get; init; }
    public DateTime? ExpirationTime { get; init; }
    public DateTime? SentTime { get; init; }
    public Dictionary<string, object?>? Headers { get; init; }
    public T? Message { get; init; }

    [JsonIgnore] public HostInfo? Host => null;
    [JsonIgnore] public string[]? MessageType => null;

    object? MessageEnvelope.Message => Message;
    string? MessageEnvelope.MessageId => GuidOrNull(MessageId);
    string? MessageEnvelope.RequestId => GuidOrNull(RequestId);
    string? MessageEnvelope.CorrelationId => GuidOrNull(CorrelationId);
    string? MessageEnvelope.ConversationId => GuidOrNull(ConversationId);
    string? MessageEnvelope.InitiatorId => GuidOrNull(InitiatorId);

    // Producers in other languages use other ids; ours is the business key, so they are not worth a refusal.
    private static string? GuidOrNull(string? id) => Guid.TryParse(id, out _) ? id : null;
}
