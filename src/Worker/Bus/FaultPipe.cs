using MassTransit;
using MassTransit.Middleware;
using VoiceWorker.Observability;

namespace VoiceWorker.Bus;

/// <summary>What becomes of a delivery that failed: transient → delivered again, permanent → error queue.</summary>
internal static class FaultPipe
{
    /// <summary>Replaces MassTransit's own way of moving messages.</summary>
    /// <param name="count">Counts every failure, also those that pass; null for none.</param>
    public static void UseErrorQueue(
        this IReceiveEndpointConfigurator endpoint, string errorQueue, ErrorQueues errors, Replies replies,
        FaultLog log, IFilter<ExceptionReceiveContext>? count = null) =>
        endpoint.ConfigureError(failed =>
        {
            if (count is not null)
                failed.UseFilter(count);
            failed.UseFilter(new FaultLogFilter(log));
            failed.UseFilter(new RedeliverTransientFilter());
            // Notifies MassTransit's observers; it sends nothing, because it has no address.
            failed.UseFilter(new GenerateFaultFilter());
            failed.UseFilter(new FaultReplyFilter(replies));
            failed.UseFilter(new ErrorQueueFilter(errorQueue, errors));
        });
}

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

/// <summary>
/// Hands a delivery that failed for a transient reason back to its queue. What is not transient after all ends in the
/// dead-letter queue after <c>Bus:DeliveryLimit</c> deliveries.
/// </summary>
internal sealed class RedeliverTransientFilter : IFilter<ExceptionReceiveContext>
{
    // Keeps a delivery that fails at once from using up its delivery limit within an outage.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public async Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        if (!DeliveryFailure.Of(context.Exception).CanPass)
        {
            await next.Send(context);
            return;
        }

        await Task.Delay(Pause, TimeProvider.System, context.CancellationToken);
        // Wrapped: MassTransit takes a bare channel failure for one of the consuming channel, and restarts the
        // consumer.
        throw new TransientFaultException(context.Exception);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("redeliverTransient");
}

/// <summary>A delivery failed and is to be delivered again.</summary>
/// <param name="cause">Why; its text is not repeated.</param>
internal sealed class TransientFaultException(Exception cause)
    : Exception($"{cause.GetType().Name}: the message is delivered again", cause);
