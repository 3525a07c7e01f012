using MassTransit;
using MassTransit.RabbitMqTransport;

namespace VoiceWorker.Bus;

/// <summary>Gives a receive endpoint a channel that coalesces its acknowledgements, for as long as it consumes on it.</summary>
internal sealed class CoalesceAcksFilter(TimeProvider time) : IFilter<ChannelContext>
{
    public async Task Send(ChannelContext context, IPipe<ChannelContext> next)
    {
        await using var acks = new AckSender(context, time);
        await next.Send(new CoalescingChannel(context, acks));
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("coalesceAcks");
}
