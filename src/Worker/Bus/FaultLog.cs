using VoiceWorker.Observability;

namespace VoiceWorker.Bus;

/// <summary>
/// What is told of deliveries of one queue that failed: each that is moved to the error queue, in one line; and of
/// those that are handed back, when that begins and when it is over. An outage hands back everything in flight, again
/// and again.
/// </summary>
/// <param name="queue">The queue that is consumed.</param>
/// <param name="errorQueue">Where its messages are moved to.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">For the lines.</param>
internal sealed class FaultLog(string queue, string errorQueue, TimeProvider time, ILogger<FaultLog> logger)
{
    /// <summary>It is over when nothing has been handed back for so long.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private long _handedBack;
    private long _latest;

    /// <summary>A message is in the error queue.</summary>
    /// <param name="failure">Why.</param>
    /// <param name="messageId">As its producer set it, if it did.</param>
    public void Moved(Exception failure, string? messageId) => logger.MessageMoved(
        queue, errorQueue, FaultHeaders.Explain(failure).Message,
        messageId is null ? "none" : PlainText.Escape(messageId));

    /// <summary>A delivery goes back to its queue.</summary>
    /// <param name="failure">Why.</param>
    public void HandedBack(Exception failure)
    {
        lock (_lock)
        {
            _latest = time.GetTimestamp();
            if (++_handedBack > 1)
                return;
        }

        logger.DeliveriesHandedBack(queue, FaultHeaders.Explain(failure).Message);
        _ = TellWhenOverAsync();
    }

    private async Task TellWhenOverAsync()
    {
        var wait = Quiet;
        while (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, time, CancellationToken.None);
            wait = TimeToQuiet(out var count);
            if (wait <= TimeSpan.Zero)
                logger.DeliveriesFlowAgain(queue, count);
        }
    }

    private TimeSpan TimeToQuiet(out long count)
    {
        lock (_lock)
        {
            var wait = Quiet - time.GetElapsedTime(_latest);
            count = _handedBack;
            if (wait <= TimeSpan.Zero)
                _handedBack = 0;
            return wait;
        }
    }
}
