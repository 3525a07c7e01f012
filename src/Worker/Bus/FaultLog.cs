using MassTransit;
using VoiceWorker.Persistence;

namespace VoiceWorker.Bus;

/// <summary>
/// What is logged of deliveries of one queue that failed: each that is moved to the error queue, in one line; and of
/// those that are handed back, when that begins and when it is over. An outage hands back everything in flight, again
/// and again.
/// </summary>
/// <param name="errorQueue">Where its messages are moved to.</param>
internal sealed class FaultLog(string queue, string errorQueue, TimeProvider time, ILogger<FaultLog> logger)
{
    private readonly Episode _handedBack = new(
        time, reason => logger.DeliveriesHandedBack(queue, reason), count => logger.DeliveriesFlowAgain(queue, count));

    /// <summary>A message is in the error queue.</summary>
    /// <param name="failure">Why.</param>
    /// <param name="messageId">As its producer set it, if it did.</param>
    public void Moved(Exception failure, string? messageId) => logger.MessageMoved(
        queue, errorQueue, PeerText.Line(FaultHeaders.Explain(failure).Message),
        messageId is null ? "none" : PeerText.Line(messageId));

    /// <summary>A delivery goes back to its queue.</summary>
    public void HandedBack(Exception failure) => _handedBack.Note(PeerText.Line(FaultHeaders.Explain(failure).Message));
}

/// <summary>Logs the outcome of a delivery that failed, in place of MassTransit's stack traces: what leaves the rest of
/// the pipe in order has been moved, and what leaves it with an exception goes back to its queue.</summary>
internal sealed class FaultLogFilter(FaultLog log) : IFilter<ExceptionReceiveContext>
{
    public async Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        try
        {
            await next.Send(context);
        }
        catch (Exception failure)
        {
            log.HandedBack(failure);
            throw;
        }

        log.Moved(context.Exception, context.GetPayload<RabbitMqBasicConsumeContext>().Properties.MessageId);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("faultLog");
}
