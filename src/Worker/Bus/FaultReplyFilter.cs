using System.Text.Json;
using MassTransit;

namespace VoiceWorker.Bus;

/// <summary>
/// Tells callers that their message failed permanently: a MassTransit request client by a fault, whoever waits at AMQP
/// reply_to by a refusal that names what breaks the contract, or what keeps it from being recorded. In place of
/// MassTransit's own fault, which is sent for a transient failure as well, quotes the exception, and declares the
/// exchange of the caller's address.
/// </summary>
internal sealed class FaultReplyFilter(Replies replies) : IFilter<ExceptionReceiveContext>
{
    public async Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        // At once; but what comes again and again because it cannot be moved has been answered.
        if (!context.Redelivered)
            Answer(context);
        await next.Send(context);
        if (context.Redelivered)
            Answer(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("faultReply");

    private void Answer(ExceptionReceiveContext context)
    {
        // One that was answered at its deadline has its voice, though it could not be recorded afterwards.
        if (Asker.Of(context) is not { } asker || Replies.HasAnswered(context))
            return;
        if ((asker.Context.FaultAddress ?? asker.Context.ResponseAddress) is { } address)
            SendFault(context, asker, address);
        if (Refusal.Of(asker, DeliveryFailure.Of(context.Exception)) is { } refusal)
            replies.Refuse(context, asker, refusal.Type, refusal.Body);
    }

    private void SendFault(ExceptionReceiveContext context, Asker asker, Uri address)
    {
        var fault = new FaultReply
        {
            FaultedMessageId = asker.Context.MessageId,
            Timestamp = context.ExceptionTimestamp,
            Exceptions = [FaultHeaders.Explain(context.Exception)],
            FaultMessageTypes = [asker.MessageType],
            Message = asker.IsWhole ? asker.Readable : null,
        };
        var envelope = ReplyEnvelope<FaultReply>.To(
            asker.Context, context.InputAddress, address, fault, asker.FaultTypes);
        var body = JsonSerializer.SerializeToUtf8Bytes(envelope, EnvelopeJson.Default.ReplyEnvelopeFaultReply);
        replies.SendFault(context, asker, address, body);
    }
}

/// <summary>A failed request as MassTransit's request client reads it.</summary>
internal sealed class FaultReply
{
    public Guid FaultId { get; } = NewId.NextGuid();
    public required Guid? FaultedMessageId { get; init; }
    public required DateTime Timestamp { get; init; }
    public required FaultReason[] Exceptions { get; init; }
    public required string[] FaultMessageTypes { get; init; }

    /// <summary>What was asked, the caller's own; null when it could not be read.</summary>
    public required object? Message { get; init; }
}
