using System.Diagnostics;
using MassTransit;
using VoiceWorker.Persistence;

namespace VoiceWorker.Bus;

/// <summary>The span of a delivery, which continues the trace of its producer. Costs a look at whether anybody
/// listens.</summary>
internal sealed class ConsumeSpanFilter(string queue) : IFilter<ConsumeContext>
{
    private readonly string _name = $"process {queue}";

    public Task Send(ConsumeContext context, IPipe<ConsumeContext> next) =>
        Tracing.Source.HasListeners() ? SendTracedAsync(context, next) : next.Send(context);

    public void Probe(ProbeContext context) => context.CreateFilterScope("consumeSpan");

    private async Task SendTracedAsync(ConsumeContext context, IPipe<ConsumeContext> next)
    {
        using var span = Start(context);
        try
        {
            await next.Send(context);
        }
        catch (Exception failure)
        {
            span?.SetTag("error.type", DeliveryFailure.Of(failure).Code).SetStatus(ActivityStatusCode.Error);
            throw;
        }
    }

    private Activity? Start(ConsumeContext context)
    {
        var span = Tracing.Source.StartActivity(
            _name, ActivityKind.Consumer, Tracing.Parse(TraceParent.OfProducer(context)));
        if (span is not { IsAllDataRequested: true })
            return span;
        span.SetTag("messaging.system", "rabbitmq").SetTag("messaging.destination.name", queue)
            .SetTag("messaging.operation.name", "process").SetTag("messaging.operation.type", "process");
        if (context.ReceiveContext.Redelivered)
            span.SetTag("messaging.rabbitmq.redelivered", true);
        return span;
    }
}
