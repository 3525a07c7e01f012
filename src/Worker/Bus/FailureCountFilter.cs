using MassTransit;
using VoiceWorker.Observability;

namespace VoiceWorker.Bus;

/// <summary>Counts the deliveries that fail, whatever becomes of them.</summary>
internal sealed class FailureCountFilter(string queue, WorkerMetrics metrics) : IFilter<ExceptionReceiveContext>
{
    public Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        metrics.Failed(queue, context.ElapsedTime, DeliveryFailure.Of(context.Exception).Code);
        return next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("failureCount");
}
