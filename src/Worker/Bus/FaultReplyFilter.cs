using System.Text.Json;
using MassTransit;

namespace VoiceWorker.Bus;

/// <summary>
/// Sends a MassTransit request client the fault of a request that failed permanently. In place of MassTransit's own
/// fault, which is sent for a transient failure as well, quotes the exception, and declares the exchange of the
/// caller's address.
/// </summary>
internal sealed class FaultReplyFilter(Replies replies) : IFilter<ExceptionReceiveContext>
{
    public async Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        if (Asker.Of(context) is { } asker
            && (asker.Context.FaultAddress ?? asker.Context.ResponseAddress) is { } address)
            Send(context, asker, address);
        await next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("faultReply");

    private void Send(ExceptionReceiveContext context, Asker asker, Uri address)
    {
        var fault = new FaultReply
        {
            FaultedMessageId = asker.Context.MessageId,
            Timestamp = context.ExceptionTimestamp,
            Exceptions = [FaultHeaders.Explain(context.Exception)],
            FaultMessageTypes = [asker.MessageType],
            Message = asker.Message,
        };
        var envelope = ReplyEnvelope<FaultReply>.To(
            asker.Context, context.InputAddress, address, fault, asker.FaultTypes);
        var body = JsonSerializer.SerializeToUtf8Bytes(envelope, EnvelopeJson.Default.ReplyEnvelopeFaultReply);
        replies.SendEnvelope(context, address, "Fault", body, patience: null);
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

    /// <summary>What was asked; the caller's own.</summary>
    public required object Message { get; init; }
}
