using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using MassTransit;
using MassTransit.Serialization;
using VoiceWorker.Contracts;

namespace VoiceWorker.Bus;

/// <summary>The MassTransit JSON envelope around a message, read in one pass with its message.</summary>
/// <typeparam name="T">Type of the message.</typeparam>
internal sealed class Envelope<T> : MessageEnvelope where T : class
{
    [JsonConverter(typeof(TextOrNothing))] public string? MessageId { get; init; }
    [JsonConverter(typeof(TextOrNothing))] public string? RequestId { get; init; }
    [JsonConverter(typeof(TextOrNothing))] public string? CorrelationId { get; init; }
    [JsonConverter(typeof(TextOrNothing))] public string? ConversationId { get; init; }
    [JsonConverter(typeof(TextOrNothing))] public string? InitiatorId { get; init; }
    [JsonConverter(typeof(TextOrNothing))] public string? SourceAddress { get; init; }
    [JsonConverter(typeof(TextOrNothing))] public string? DestinationAddress { get; init; }
    [JsonConverter(typeof(TextOrNothing))] public string? ResponseAddress { get; init; }
    [JsonConverter(typeof(TextOrNothing))] public string? FaultAddress { get; init; }
    [JsonConverter(typeof(TextOrNothing))] public string? ExpirationTime { get; init; }
    [JsonConverter(typeof(TextOrNothing))] public string? SentTime { get; init; }
    [JsonConverter(typeof(ObjectOrNothing))] public Dictionary<string, object?>? Headers { get; init; }
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

/// <summary>A text; anything else is nothing. What stands beside a message is not worth a refusal of it.</summary>
internal sealed class TextOrNothing : JsonConverter<string?>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType is JsonTokenType.String)
            return reader.GetString();
        reader.Skip();
        return null;
    }

    public override void Write(Utf8JsonWriter writer, string? value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value);
}

/// <summary>An object's fields; anything else is nothing.</summary>
internal sealed class ObjectOrNothing : JsonConverter<Dictionary<string, object?>?>
{
    public override Dictionary<string, object?>? Read(
        ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType is JsonTokenType.StartObject)
            return JsonSerializer.Deserialize(ref reader, EnvelopeJson.Default.DictionaryStringObject);
        reader.Skip();
        return null;
    }

    public override void Write(
        Utf8JsonWriter writer, Dictionary<string, object?>? value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, value, EnvelopeJson.Default.DictionaryStringObject!);
}

/// <summary>Reading and writing of envelopes without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Envelope<CallStarted>))]
[JsonSerializable(typeof(Envelope<BusinessVoiceChanged>))]
[JsonSerializable(typeof(Envelope<object>))]
[JsonSerializable(typeof(Dictionary<string, object>))]
[JsonSerializable(typeof(ReplyEnvelope<CallVoice>))]
[JsonSerializable(typeof(ReplyEnvelope<VoiceChangeResult>))]
[JsonSerializable(typeof(ReplyEnvelope<FaultReply>))]
internal sealed partial class EnvelopeJson : JsonSerializerContext;
