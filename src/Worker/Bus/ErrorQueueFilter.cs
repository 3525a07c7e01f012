using MassTransit;
using RabbitMQ.Client;

namespace VoiceWorker.Bus;

/// <summary>
/// Moves a message to the error queue: its bytes and properties as they came, with the fault in headers. In place of
/// MassTransit's own filter, which copies the failure's text and the producer's user id: RabbitMQ closes a channel that
/// publishes with another's user id, and everything prefetched on it comes again.
/// </summary>
internal sealed class ErrorQueueFilter(string queue, ErrorQueues errors) : IFilter<ExceptionReceiveContext>
{
    public async Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        var delivery = context.GetPayload<RabbitMqBasicConsumeContext>();
        // The delivery is acknowledged only when this has reached the queue.
        await errors.MoveAsync(
            queue, frameMax => PropertiesOf(delivery.Properties, context, frameMax), context.GetBody(),
            context.CancellationToken);
        await next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("errorQueue").Add("queue", queue);

    private static BasicProperties PropertiesOf(
        IReadOnlyBasicProperties original, ExceptionReceiveContext context, uint frameMax)
    {
        var headers = OriginalMessage.HeadersOf(original.Headers);
        var properties = OriginalMessage.PropertiesOf(original, headers);
        var left = LeaveOut(headers, RoomBeside(properties, headers, frameMax));
        var room = RoomBeside(properties, headers, frameMax);
        foreach (var (name, value) in FaultHeaders.Of(
            context.Exception, context.InputAddress, context.ExceptionTimestamp, room, left))
            headers[name] = value;
        properties.Headers = headers;
        return properties;
    }

    // Only for headers that fill a frame to its last bytes: the largest ones go, so that there is room for the reason.
    private static List<string> LeaveOut(Dictionary<string, object?> headers, long room)
    {
        var left = new List<string>();
        foreach (var (name, value) in headers.OrderByDescending(header => HeaderFrame.SizeOf(header.Key, header.Value)))
        {
            if (room >= FaultHeaders.LeastRoom)
                break;
            headers.Remove(name);
            left.Add(name);
            room += HeaderFrame.SizeOf(name, value);
        }

        return left;
    }

    private static long RoomBeside(BasicProperties properties, Dictionary<string, object?> headers, uint frameMax)
    {
        properties.Headers = headers;
        return HeaderFrame.RoomIn(frameMax, properties);
    }
}
