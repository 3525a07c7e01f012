using MassTransit;

namespace VoiceWorker.Bus;

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
