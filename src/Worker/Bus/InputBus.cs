using MassTransit;

namespace VoiceWorker.Bus;

/// <summary>Consumes every input queue, from its start to its stop.</summary>
internal sealed class InputBus(IBusControl bus, ReplyPublisher replies)
{
    // In an alarm no reply leaves.
    private static readonly TimeSpan ReplyPatience = TimeSpan.FromSeconds(1);

    /// <summary>Returns when every queue is consumed.</summary>
    public Task StartAsync(CancellationToken cancellationToken) => bus.StartAsync(cancellationToken);

    /// <summary>Takes no more deliveries, and returns when those in flight are done.</summary>
    public async Task StopAsync()
    {
        await bus.StopAsync(CancellationToken.None);
        await replies.DrainAsync(ReplyPatience);
    }
}
