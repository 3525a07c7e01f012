using System.Runtime.CompilerServices;
using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace VoiceWorker.DeadLetters;

/// <summary>
/// Takes the messages of a queue in portions, which the channel holds: one round trip for a portion, where a
/// <c>basic.get</c> costs one for each message and a quorum queue a write to its log. Each portion has a consumer of
/// its own, with as much prefetch, that is cancelled when it has its share; what it got stays held.
/// </summary>
internal sealed class HeldPortions(IChannel channel, string queue)
{
    // Bodies of a portion are in memory together: few where they are large.
    private const int Bytes = 16 * 1024 * 1024;
    private const int First = 10;
    private const int Most = 1_000;

    // The broker sends what is there at once: what does not come is held by somebody else.
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);

    /// <summary>At most so many, in the queue's order.</summary>
    public async IAsyncEnumerable<BasicGetResult> ReadAsync(
        uint count, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var size = First;
        while (count > 0)
        {
            size = (int)Math.Min(size, count);
            var portion = await TakeAsync((ushort)size, cancellationToken);
            // That there is nothing more only an answer can tell.
            if (portion.Count < size
                && await channel.BasicGetAsync(queue, autoAck: false, cancellationToken) is { } next)
                portion.Add(next);
            if (portion.Count == 0)
                yield break;
            foreach (var message in portion)
                yield return message;
            count -= Math.Min(count, (uint)portion.Count);
            size = SizeAfter(portion);
        }
    }

    private static int SizeAfter(List<BasicGetResult> portion) =>
        Math.Clamp(Bytes / Math.Max(1, portion.Max(message => message.Body.Length)), 1, Most);

    private async Task<List<BasicGetResult>> TakeAsync(ushort size, CancellationToken cancellationToken)
    {
        var arrived = Channel.CreateUnbounded<BasicGetResult>();
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, message) => arrived.Writer.WriteAsync(Copy(message)).AsTask();
        await channel.BasicQosAsync(prefetchSize: 0, size, global: false, cancellationToken);
        var tag = await channel.BasicConsumeAsync(queue, autoAck: false, consumer, cancellationToken);
        var portion = new List<BasicGetResult>(size);
        while (portion.Count < size && await NextAsync(arrived.Reader, cancellationToken) is { } message)
            portion.Add(message);
        await channel.BasicCancelAsync(tag, noWait: false, cancellationToken);
        while (arrived.Reader.TryRead(out var late))
            portion.Add(late);
        return portion;
    }

    private static async Task<BasicGetResult?> NextAsync(
        ChannelReader<BasicGetResult> arrived, CancellationToken cancellationToken)
    {
        if (arrived.TryRead(out var there))
            return there;
        using var quiet = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        quiet.CancelAfter(Quiet);
        try
        {
            return await arrived.ReadAsync(quiet.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    // The client takes its memory back when the handler returns.
    private static BasicGetResult Copy(BasicDeliverEventArgs message) => new(
        message.DeliveryTag, message.Redelivered, message.Exchange, message.RoutingKey, messageCount: 0,
        message.BasicProperties, message.Body.ToArray());
}
