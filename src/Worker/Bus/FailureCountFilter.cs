using MassTransit;

namespace VoiceWorker.Observability;

/// <summary>Counts the deliveries that fail, whatever becomes of them.</summary>
internal sealed class FailureCountFilter(string queue, WorkerMetrics metrics) : IFilter<ExceptionReceiveContext>
{
    public Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        metrics.Failed(queue, context.ElapsedTime, ErrorType.Of(context.Exception));
        return next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("failureCount");
}
