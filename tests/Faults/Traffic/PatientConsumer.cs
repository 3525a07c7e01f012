using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace VoiceWorker.Tests.Faults.Traffic;

/// <summary>Consumes a queue until it is cancelled, over every loss of the broker.</summary>
/// <param name="nodes">Of the broker.</param>
/// <param name="queue">Durable.</param>
/// <param name="take">Gets every delivery, one at a time; it is acknowledged afterwards.</param>
public sealed class PatientConsumer(IReadOnlyList<Uri> nodes, string queue, Action<Delivery> take)
{
    private const ushort Prefetch = 500;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Consumes.</summary>
    public async Task ConsumeAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await ConsumeUntilLostAsync(cancellationToken);
            }
            catch (Exception) when (!cancellationToken.IsCancellationRequested)
            {
                // The broker is gone, or its queue has no leader yet.
                await Task.Delay(Pause, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ConsumeUntilLostAsync(CancellationToken cancellationToken)
    {
        var lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var connection = await PlainConnection.OpenAsync(nodes, queue, cancellationToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        channel.ChannelShutdownAsync += (_, _) => Lose(lost);
        await channel.BasicQosAsync(0, Prefetch, global: false, cancellationToken);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.UnregisteredAsync += (_, _) => Lose(lost);
        consumer.ReceivedAsync += async (_, delivery) =>
        {
            take(Delivery.Of(delivery));
            await channel.BasicAckAsync(delivery.DeliveryTag, multiple: false, cancellationToken);
        };
        await channel.BasicConsumeAsync(queue, autoAck: false, consumer, cancellationToken);
        await lost.Task.WaitAsync(cancellationToken);
    }

    private static Task Lose(TaskCompletionSource lost)
    {
        lost.TrySetResult();
        return Task.CompletedTask;
    }
}
