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
    /// <param name="endpoint">The endpoint.</param>
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
