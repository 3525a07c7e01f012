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
            SystemTextJsonMessageSerializer.JsonContentType, (body, _, _) => ReadEnvelope(body, enveloped)));
        endpoint.AddDeserializer(
            new ContractDeserializer<T>(
                PlainJson, (body, headers, address) => ReadPlain(body, headers, address, plain)),
            isDefault: true);
    }

    private static ReceivedMessage<T> ReadPlain<T>(byte[] body, Headers headers, Uri? address, JsonTypeInfo<T> type)
        where T : class =>
        new(ContractReader.Read(body, type),
            new RawMessageContext(headers, address, RawSerializerOptions.AnyMessageType));

    private static ReceivedMessage<T> ReadEnvelope<T>(byte[] body, JsonTypeInfo<Envelope<T>> type) where T : class
    {
        var envelope = ContractReader.Read(body, type);
        var message = envelope.Message
            ?? throw new InvalidMessageException(
                [new BrokenRule("message", "required: the envelope carries the message in it")]);
        return new(message, new EnvelopeMessageContext(envelope, SystemTextJsonMessageSerializer.Instance));
    }
}

/// <summary>Reads one contract in one encoding straight from the bytes, once.</summary>
/// <typeparam name="T">The contract.</typeparam>
/// <param name="contentType">The encoding's content type.</param>
/// <param name="read">Body and transport headers → message and its context.</param>
internal sealed class ContractDeserializer<T>(
    ContentType contentType,
    Func<byte[], Headers, Uri?, ReceivedMessage<T>> read) : IMessageDeserializer, ISerializerFactory
    where T : class
{
    public ContentType ContentType => contentType;

    public ConsumeContext Deserialize(ReceiveContext receiveContext)
    {
        var message = read(
            receiveContext.Body.GetBytes(), receiveContext.TransportHeaders, receiveContext.InputAddress);
        receiveContext.AddOrUpdatePayload(() => message.Asker, _ => message.Asker);
        return new BodyConsumeContext(receiveContext, message);
    }

    public SerializerContext Deserialize(MessageBody body, Headers headers, Uri? destinationAddress = null) =>
        read(body.GetBytes(), headers, destinationAddress);

    public MessageBody GetMessageBody(string text) => new StringMessageBody(text);

    public void Probe(ProbeContext context) =>
        context.CreateScope("contract").Add("contentType", ContentType.MediaType);

    IMessageSerializer ISerializerFactory.CreateSerializer() => SystemTextJsonMessageSerializer.Instance;

    IMessageDeserializer ISerializerFactory.CreateDeserializer() => this;
}
