using System.Text.Json;
using MassTransit;
using MassTransit.Serialization;

namespace VoiceWorker.Bus;

/// <summary>
/// Tells a MassTransit request client that its request failed for good. In place of MassTransit's own fault, which is
/// sent for a transient failure as well, quotes the exception, and declares the exchange of the caller's address.
/// </summary>
internal sealed class FaultReplyFilter : IFilter<ExceptionReceiveContext>
{
    public async Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        if (Asker.Of(context) is { } asker
            && (asker.Context.FaultAddress ?? asker.Context.ResponseAddress) is { } address)
            await SendAsync(context, asker, address);
        await next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("faultReply");

    private static async Task SendAsync(ExceptionReceiveContext context, Asker asker, Uri address)
    {
        if (Asker.QueueOf(address,
            context.GetPayload<RabbitMqBasicConsumeContext>().Properties.ReplyTo) is not { } queue)
            return;
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
        await Answer.SendAsync(
            context, queue, SystemTextJsonMessageSerializer.JsonContentType.MediaType, "Fault", body);
    }
}
