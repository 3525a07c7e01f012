using System.Net.Mime;
using System.Text.Json.Serialization.Metadata;
using MassTransit;
using MassTransit.Configuration;
using MassTransit.Serialization;
using VoiceWorker.Contracts.Validation;

namespace VoiceWorker.Bus;

/// <summary>
/// The accepted encodings of an endpoint: the MassTransit envelope, and plain JSON for everything else, with or without
/// a content type, message id, type or header.
/// </summary>
internal static class ContractEncodings
{
    // What is larger than any message can be is not looked into twice.
    private const int LargestBroken = 256 * 1024;

    private static readonly ContentType PlainJson = new("application/json");

    /// <summary>Makes an endpoint read one contract.</summary>
    /// <param name="plain">How the message itself is read.</param>
    /// <param name="enveloped">How it is read with its envelope.</param>
    public static void UseContract<T>(
        this IReceiveEndpointConfigurator endpoint, JsonTypeInfo<T> plain, JsonTypeInfo<Envelope<T>> enveloped)
        where T : class
    {
        endpoint.ClearSerialization();
        endpoint.AddSerializer(new SystemTextJsonMessageSerializerFactory());
        endpoint.AddDeserializer(new ContractDeserializer<T>(
            SystemTextJsonMessageSerializer.JsonContentType, (body, _, _) => ReadEnvelope(body, plain, enveloped)));
        endpoint.AddDeserializer(
            new ContractDeserializer<T>(
                PlainJson, (body, headers, address) => ReadPlain(body, headers, address, plain)),
            isDefault: true);
    }

    private static Reading<T> ReadPlain<T>(byte[] body, Headers headers, Uri? address, JsonTypeInfo<T> type)
        where T : class
    {
        var context = new RawMessageContext(headers, address, RawSerializerOptions.AnyMessageType);
        try
        {
            return new(context, ContractReader.Read(body, type));
        }
        catch (InvalidMessageException invalid)
        {
            return Reading<T>.Broken(context, TryRead(body, EnvelopeJson.Default.Object), type, invalid);
        }
    }

    private static Reading<T> ReadEnvelope<T>(byte[] body, JsonTypeInfo<T> plain, JsonTypeInfo<Envelope<T>> type)
        where T : class
    {
        try
        {
            var envelope = ContractReader.Read(body, type);
            return envelope.Message is { } message
                ? new(ContextOf(envelope), message)
                : Reading<T>.Broken(ContextOf(envelope), null, plain, new InvalidMessageException(
                    [new BrokenRule("message", "required: the envelope carries the message in it")]));
        }
        catch (InvalidMessageException invalid)
        {
            var envelope = TryRead(body, EnvelopeJson.Default.EnvelopeObject);
            return Reading<T>.Broken(ContextOf(envelope ?? new Envelope<object>()), envelope?.Message, plain, invalid);
        }
    }

    private static EnvelopeMessageContext ContextOf(MessageEnvelope envelope) =>
        new(envelope, SystemTextJsonMessageSerializer.Instance);

    // Once more, for what can be told of a message that cannot be read: the JSON of it, and who waits for an answer.
    private static T? TryRead<T>(byte[] body, JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return body.Length <= LargestBroken ? ContractReader.Read(body, type) : null;
        }
        catch (InvalidMessageException)
        {
            return null;
        }
    }
}

/// <summary>Reads one contract in one encoding straight from the bytes, once.</summary>
/// <typeparam name="T">The contract.</typeparam>
/// <param name="contentType">The encoding's content type.</param>
/// <param name="read">Body and transport headers → message and its context.</param>
internal sealed class ContractDeserializer<T>(
    ContentType contentType,
    Func<byte[], Headers, Uri?, Reading<T>> read) : IMessageDeserializer, ISerializerFactory
    where T : class
{
    public ContentType ContentType => contentType;

    public ConsumeContext Deserialize(ReceiveContext receiveContext)
    {
        var reading = read(
            receiveContext.Body.GetBytes(), receiveContext.TransportHeaders, receiveContext.InputAddress);
        var asker = reading.Asker;
        receiveContext.AddOrUpdatePayload(() => asker, _ => asker);
        return new BodyConsumeContext(receiveContext, reading.Received);
    }

    public SerializerContext Deserialize(MessageBody body, Headers headers, Uri? destinationAddress = null) =>
        read(body.GetBytes(), headers, destinationAddress).Received;

    public MessageBody GetMessageBody(string text) => new StringMessageBody(text);

    public void Probe(ProbeContext context) =>
        context.CreateScope("contract").Add("contentType", ContentType.MediaType);

    IMessageSerializer ISerializerFactory.CreateSerializer() => SystemTextJsonMessageSerializer.Instance;

    IMessageDeserializer ISerializerFactory.CreateDeserializer() => this;
}
