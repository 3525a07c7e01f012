using System.Net.Mime;
using MassTransit;
using MassTransit.Serialization;

namespace VoiceWorker.Bus;

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
