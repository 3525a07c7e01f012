using System.Globalization;
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
    public string? ExpirationTime { get; init; }
    public string? SentTime { get; init; }
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
    DateTime? MessageEnvelope.ExpirationTime => InstantOrNull(ExpirationTime);
    DateTime? MessageEnvelope.SentTime => InstantOrNull(SentTime);
    string? MessageEnvelope.SourceAddress => UriOrNull(SourceAddress);
    string? MessageEnvelope.DestinationAddress => UriOrNull(DestinationAddress);
    string? MessageEnvelope.ResponseAddress => UriOrNull(ResponseAddress);
    string? MessageEnvelope.FaultAddress => UriOrNull(FaultAddress);

    // Producers in other languages use other ids; ours is the business key, so they are not worth a refusal.
    private static string? GuidOrNull(string? id) => Guid.TryParse(id, out _) ? id : null;

    private static DateTime? InstantOrNull(string? text) => DateTime.TryParse(
        text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal,
        out var instant)
        ? instant : null;

    private static string? UriOrNull(string? address) =>
        Uri.TryCreate(address, UriKind.Absolute, out _) ? address : null;
}
