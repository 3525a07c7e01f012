using MassTransit;
using VoiceWorker.Contracts;

namespace VoiceWorker.Bus;

/// <summary>The MassTransit JSON envelope around a reply, as its request client reads it.</summary>
internal sealed class ReplyEnvelope
{
    private static readonly string[] CallVoiceType = [MessageUrn.ForTypeString<CallVoice>()];

    public required Guid MessageId { get; init; }
    public required Guid? RequestId { get; init; }
    public required Guid? CorrelationId { get; init; }
    public required Guid? ConversationId { get; init; }
    public required Uri? SourceAddress { get; init; }
    public required Uri? DestinationAddress { get; init; }
    public required CallVoice Message { get; init; }
    public string[] MessageType { get; } = CallVoiceType;

    /// <summary>The answer to a request.</summary>
    /// <param name="request">Says who asked, and by which ids.</param>
    /// <param name="voice">The answer.</param>
    public static ReplyEnvelope To(ConsumeContext request, CallVoice voice) => new()
    {
        MessageId = NewId.NextGuid(),
        RequestId = request.RequestId,
        CorrelationId = request.CorrelationId,
        ConversationId = request.ConversationId,
        SourceAddress = request.ReceiveContext.InputAddress,
        DestinationAddress = request.ResponseAddress,
        Message = voice,
    };
}
