using System.Diagnostics.CodeAnalysis;
using MassTransit;
using MassTransit.Serialization;

namespace VoiceWorker.Bus;

/// <summary>A message that is read already: whatever type its producer gave it, an endpoint takes one
/// contract.</summary>
internal sealed class ReceivedMessage<T>(T received, MessageContext context)
    : BaseSerializerContext(
        SystemTextJsonMessageSerializer.Instance, new UnaddressedContext(context), [MessageUrn.ForTypeString<T>()])
    where T : class
{
    private static readonly string[] FaultTypes =
        [MessageUrn.ForTypeString<Fault<T>>(), MessageUrn.ForTypeString<Fault>()];

    /// <summary>Whoever is to hear of it.</summary>
    public Asker Asker { get; } = new(context, received, MessageUrn.ForTypeString<T>(), FaultTypes);

    public override bool TryGetMessage<TMessage>(out TMessage? message) where TMessage : class
    {
        message = received as TMessage;
        return message is not null;
    }

    public override bool TryGetMessage(Type messageType, [NotNullWhen(true)] out object? message)
    {
        message = messageType.IsInstanceOfType(received) ? received : null;
        return message is not null;
    }

    public override IMessageSerializer GetMessageSerializer() => SystemTextJsonMessageSerializer.Instance;

    public override IMessageSerializer GetMessageSerializer<TMessage>(MessageEnvelope envelope, TMessage message) =>
        SystemTextJsonMessageSerializer.Instance;

    public override IMessageSerializer GetMessageSerializer(object message, string[] messageTypes) =>
        SystemTextJsonMessageSerializer.Instance;

    public override Dictionary<string, object> ToDictionary<TMessage>(TMessage? message) where TMessage : class => [];
}
