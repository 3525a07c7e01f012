using MassTransit;

namespace VoiceWorker.Bus;

/// <summary>The MassTransit JSON envelope around a reply, as its request client reads it.</summary>
/// <typeparam name="T">Type of the reply.</typeparam>
internal sealed class ReplyEnvelope<T>
{
    public required Guid MessageId { get; init; }
    public required Guid? RequestId { get; init; }
    public required Guid? CorrelationId { get; init; }
    public required Guid? ConversationId { get; init; }
    public required Uri? SourceAddress { get; init; }
    public required Uri? DestinationAddress { get; init; }
    public required T Message { get; init; }
    public required string[] MessageType { get; init; }

    /// <summary>The answer to a request.</summary>
    /// <param name="request">Says by which ids.</param>
    /// <param name="input">Where it was asked.</param>
    /// <param name="address">Where to.</param>
    /// <param name="message">The answer.</param>
    /// <param name="types">How MassTransit calls its type.</param>
    public static ReplyEnvelope<T> To(MessageContext request, Uri input, Uri address, T message, string[] types) =>
        new()
        {
            MessageId = NewId.NextGuid(),
            RequestId = request.RequestId,
            CorrelationId = request.CorrelationId,
            ConversationId = request.ConversationId,
            SourceAddress = input,
            DestinationAddress = address,
            Message = message,
            MessageType = types,
        };
}
