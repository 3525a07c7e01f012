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

/// <summary>What came with a message, without the addresses: see <see cref="Asker"/>.</summary>
internal sealed class UnaddressedContext(MessageContext context) : MessageContext
{
    public Uri? ResponseAddress => null;
    public Uri? FaultAddress => null;

    public Guid? MessageId => context.MessageId;
    public Guid? RequestId => context.RequestId;
    public Guid? CorrelationId => context.CorrelationId;
    public Guid? ConversationId => context.ConversationId;
    public Guid? InitiatorId => context.InitiatorId;
    public DateTime? ExpirationTime => context.ExpirationTime;
    public Uri? SourceAddress => context.SourceAddress;
    public Uri? DestinationAddress => context.DestinationAddress;
    public DateTime? SentTime => context.SentTime;
    public Headers Headers => context.Headers;
    public HostInfo Host => context.Host;
}

/// <summary>
/// The caller that is answered about a message, in MassTransit's terms. Kept beside the message, because MassTransit
/// would declare the exchange of whatever address it finds there: one that exists with another type, or a host that is
/// not this one, costs the channel with every delivery on it.
/// </summary>
/// <param name="Context">With the ids and the addresses: where the reply goes, and where the fault goes.</param>
/// <param name="Contract">What they meant to send.</param>
/// <param name="Readable">What they sent, as far as it can be read.</param>
/// <param name="IsWhole">Whether that is all of it.</param>
/// <param name="MessageType">How MassTransit calls it.</param>
/// <param name="FaultTypes">How MassTransit calls the fault of that.</param>
internal sealed record Asker(
    MessageContext Context, Type Contract, object? Readable, bool IsWhole, string MessageType, string[] FaultTypes)
{
    /// <summary>RabbitMQ's reply queue that needs no declaration.</summary>
    public const string DirectReply = "amq.rabbitmq.reply-to";

    /// <summary>The queue of an address: rabbitmq://host/vhost/queue?temporary=true, queue:name, exchange:name;
    /// MassTransit gives a queue and its exchange the same name. Empty when it names none.</summary>
    /// <param name="address">As the caller has it.</param>
    /// <param name="replyTo">AMQP's, for an address that means it.</param>
    public static string QueueOf(Uri address, string? replyTo)
    {
        var name = Uri.UnescapeDataString(address.AbsolutePath[(address.AbsolutePath.LastIndexOf('/') + 1)..]);
        return name == DirectReply && replyTo is not null ? replyTo : name;
    }

    /// <summary>The sender of a message; null before it was looked into.</summary>
    public static Asker? Of(ReceiveContext context) => context.TryGetPayload<Asker>(out var asker) ? asker : null;
}
