using MassTransit;

namespace VoiceWorker.Bus;

/// <summary>
/// Who is to hear what became of a message, in MassTransit's terms. Kept beside the message, because MassTransit would
/// declare the exchange of whatever address it finds there: one that exists with another type, or a host that is not
/// this one, costs the channel with every delivery on it.
/// </summary>
/// <param name="Context">With the ids and the addresses: who gets the reply, and who is told that there will be
/// none.</param>
/// <param name="Message">What they sent.</param>
/// <param name="MessageType">How MassTransit calls that.</param>
/// <param name="FaultTypes">How MassTransit calls the fault of that.</param>
internal sealed record Asker(MessageContext Context, object Message, string MessageType, string[] FaultTypes)
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

    /// <summary>Whoever sent a message that could be read; null for one that could not.</summary>
    /// <param name="context">Of its delivery.</param>
    public static Asker? Of(ReceiveContext context) => context.TryGetPayload<Asker>(out var asker) ? asker : null;
}
