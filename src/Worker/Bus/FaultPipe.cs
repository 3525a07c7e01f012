using MassTransit;
using MassTransit.Middleware;

namespace VoiceWorker.Bus;

/// <summary>What becomes of a delivery that failed: transient → delivered again, permanent → error queue.</summary>
internal static class FaultPipe
{
    /// <summary>Replaces MassTransit's own way of moving messages.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="errorQueue">Where to.</param>
    /// <param name="errors">Moves there.</param>
    /// <param name="replies">Tell the caller.</param>
    /// <param name="log">What is logged of it.</param>
    /// <param name="count">Counts every failure, also those that pass; null for none.</param>
    public static void UseErrorQueue(
        this IReceiveEndpointConfigurator endpoint, string errorQueue, ErrorQueues errors, Replies replies, FaultLog log,
        IFilter<ExceptionReceiveContext>? count = null) =>
        endpoint.ConfigureError(failed =>
        {
            if (count is not null)
                failed.UseFilter(count);
            failed.UseFilter(new FaultLogFilter(log));
            failed.UseFilter(new RedeliverTransientFilter());
            // Tells MassTransit's observers; it sends nothing, for it knows of no address.
            failed.UseFilter(new GenerateFaultFilter());
            failed.UseFilter(new FaultReplyFilter(replies));
            failed.UseFilter(new ErrorQueueFilter(errorQueue, errors));
        });
}
