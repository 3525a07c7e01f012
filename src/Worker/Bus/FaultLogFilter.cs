using MassTransit;

namespace VoiceWorker.Bus;

/// <summary>Tells what became of a delivery that failed, in place of MassTransit's stack traces: what leaves the rest
/// of the pipe in order has been moved, and what leaves it with an exception goes back to its queue.</summary>
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
