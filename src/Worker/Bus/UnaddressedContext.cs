using MassTransit;

namespace VoiceWorker.Bus;

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
