using MassTransit;
using VoiceWorker.Servers;

namespace VoiceWorker.Bus;

/// <summary>Tells when a queue is lost and when it is consumed again: a line per change, however often MassTransit
/// tries.</summary>
/// <param name="queue">The queue that is consumed.</param>
/// <param name="logger">For the lines.</param>
internal sealed class EndpointLog(string queue, ILogger<EndpointLog> logger) : IReceiveEndpointObserver
{
    private int _isLost;

    public Task Faulted(ReceiveEndpointFaulted faulted)
    {
        if (Interlocked.Exchange(ref _isLost, 1) == 0)
            logger.QueueLost(queue, faulted.Exception is { } failure ? ServerFailure.Describe(failure) : "unknown");
        return Task.CompletedTask;
    }

    public Task Ready(ReceiveEndpointReady ready)
    {
        if (Interlocked.Exchange(ref _isLost, 0) == 1)
            logger.QueueConsumedAgain(queue);
        return Task.CompletedTask;
    }

    public Task Stopping(ReceiveEndpointStopping stopping) => Task.CompletedTask;

    public Task Completed(ReceiveEndpointCompleted completed) => Task.CompletedTask;
}
