using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using VoiceWorker.Health;
using VoiceWorker.Observability;
using VoiceWorker.Relay;
using VoiceWorker.Servers;

namespace VoiceWorker.DeadLetters;

/// <summary>
/// Puts back into its queue what RabbitMQ took out of it before a worker failed on it, such as a call whose
/// <c>expiration</c> passed while no worker ran: it is recorded like any other, and its caller, who has stopped
/// waiting, is not answered. The worker that relays does it: soon after its start, and then within a minute.
/// </summary>
internal sealed class UntriedReturn(
    RelayHealth relay, Readiness readiness, IOptions<ConnectionOptions> servers,
    IOptions<ObservabilityOptions> options, WorkerMetrics metrics, TimeProvider time, ILogger<UntriedReturn> logger)
    : Duty("return", options.Value.Interval, readiness, metrics, time)
{
    // What lies in a queue is hidden from operators while it is read.
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan BetweenLooksAtTheSame = TimeSpan.FromMinutes(10);

    // What expired before this worker's start has waited long enough.
    private static readonly TimeSpan BeforeTheFirst = TimeSpan.FromMilliseconds(250);

    private readonly KeptConnection _broker = new(servers.Value, "voice-worker returns");
    private readonly Dictionary<string, (uint? Staying, long At)> _looks = [];

    protected override bool IsDue => relay.IsLeader && Readiness.IsOpen;

    protected override Task PauseAsync(CancellationToken stopping) =>
        _looks.Count > 0 ? base.PauseAsync(stopping) : Task.Delay(BeforeTheFirst, Time, stopping);

    public override void Dispose()
    {
        _broker.Dispose();
        base.Dispose();
    }

    protected override async Task<bool> RunRoundAsync(CancellationToken cancellationToken)
    {
        var broker = await _broker.OpenAsync(cancellationToken);
        foreach (var queue in InputQueue.All)
        {
            var there = (await BrokerQueue.FindAsync(broker, queue.Dead, cancellationToken))?.MessageCount ?? 0;
            if (!IsDueAt(queue.Dead, there))
                continue;
            var (returned, isDone) = there == 0 ? (0u, true) : await ReturnAsync(broker, queue, cancellationToken);
            if (returned > 0)
                logger.UntriedReturned(queue.Name, returned);
            _looks[queue.Dead] = (isDone ? there - Math.Min(there, returned) : null, Time.GetTimestamp());
        }

        return false;
    }

    protected override void LogFailing(string failure) => logger.ReturnFailed(failure);

    protected override void LogRecovered() => logger.ReturnRecovered();

    // As many as stayed there: hardly others.
    private bool IsDueAt(string queue, uint there) => !_looks.TryGetValue(queue, out var last)
        || Time.GetElapsedTime(last.At) >= (last.Staying == there ? BetweenLooksAtTheSame : BetweenLooks);

    private static async Task<(uint Returned, bool IsDone)> ReturnAsync(
        IConnection broker, InputQueue queue, CancellationToken cancellationToken)
    {
        var returned = 0u;
        await using var queues = new DeadLetterQueues(broker);
        var untried = new DeadLetterFilter { Queue = queue.Dead, Untried = true };
        var letters = queues.ReadAsync(untried, cancellationToken);
        await foreach (var (_, obstacle) in letters.ReplayAsync(cancellationToken))
        {
            // A queue that takes no more takes none of the others.
            if (obstacle is not null)
                return (returned, IsDone: false);
            returned++;
        }

        return (returned, IsDone: true);
    }
}
