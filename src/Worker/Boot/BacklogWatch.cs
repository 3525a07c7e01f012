using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using VoiceWorker.DeadLetters;
using VoiceWorker.Health;
using VoiceWorker.Observability;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Relay;
using VoiceWorker.Servers;

namespace VoiceWorker.Boot;

/// <summary>Measures what no message reports: waiting audit events, queues, dead letters, readiness, voices that were
/// changed outside; once per <c>Observability:Interval</c>, however often it is scraped.</summary>
internal sealed class BacklogWatch(
    PostgresConnections connections, HealthCheckService health, Readiness readiness, RelayHealth relay,
    Heartbeat heartbeat, WorkerMetrics metrics, IOptions<ConnectionOptions> servers,
    IOptions<ObservabilityOptions> options, IOptions<AuditOptions> audit, TimeProvider time,
    ILogger<BacklogWatch> logger)
    : Duty("watch", options.Value.Interval, readiness, metrics, time)
{
    private readonly TimeSpan _interval = options.Value.Interval;
    private readonly QueueWatch _queues = new(
        options.Value.AuditQueues.Append(audit.Value.DeclareQueue ?? ""), metrics, time);
    private readonly OutsideWatch _outside = new(metrics, time);
    private readonly KeptConnection _broker = new(servers.Value, "voice-worker observer");
    private Task _reading = Task.CompletedTask;
    private AuditLag _lag;
    private long _lagReadAt;
    private bool _isReady;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        Metrics.BeginAtZero();
        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _broker.Dispose();
        base.Dispose();
    }

    protected override async Task<bool> RunRoundAsync(CancellationToken cancellationToken)
    {
        var report = await health.CheckHealthAsync(
            check => check.Tags.Contains(HealthEndpoints.ReadyTag), cancellationToken);
        _isReady = report.Status is not HealthStatus.Unhealthy;
        Metrics.Ready(_isReady);
        // An unresponsive server answers no cancellation either: the look that waits for it is not repeated beside it.
        if (_reading.IsCompleted)
            _reading = ReadAsync(cancellationToken);
        await _reading.WaitAsync(_interval, Time, cancellationToken);
        return false;
    }

    protected override void LogFailing(string failure) => logger.ObserverBlind(failure);

    protected override void LogRecovered() => logger.ObserverSees();

    // What waited still waits, and longer.
    protected override void NoteFailure(Exception failure, string description, TimeSpan elapsed)
    {
        if (_lagReadAt != 0)
            Metrics.Lags(_lag.After(Time.GetElapsedTime(_lagReadAt)));
        _queues.LookAway();
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        // Not cancelled: the cancellation of a statement waits for the server, and a stop would wait for that.
        await using (var connection = await connections.OpenAsync(cancellationToken))
        {
            _lag = await AuditLag.ReadAsync(connection, CancellationToken.None);
            _lagReadAt = Time.GetTimestamp();
            Metrics.Lags(_lag);
            await heartbeat.BeatAsync(connection, _isReady, CancellationToken.None);
            await _outside.LookAsync(connection, relay.IsLeader, CancellationToken.None);
        }

        Metrics.Held(relay is { IsLeader: true, Obstacle: not null });
        await _queues.LookAsync(await _broker.OpenAsync(cancellationToken), cancellationToken);
    }
}

/// <summary>
/// Length and consumers of the queues that matter, and for how long each has not been empty. RabbitMQ reports no age of
/// a message, and taking one to look at it would count as a delivery; but a queue that was seen empty holds nothing
/// older than that look.
/// </summary>
internal sealed class QueueWatch(IEnumerable<string> auditQueues, WorkerMetrics metrics, TimeProvider time)
{
    private readonly List<WatchedQueue> _queues =
    [
        .. InputQueue.All.Select(queue => new WatchedQueue(queue.Name, "input")),
        .. auditQueues.Where(name => name.Length > 0).Distinct(StringComparer.Ordinal)
            .Select(queue => new WatchedQueue(queue, "audit")),
    ];

    public async Task LookAsync(IConnection connection, CancellationToken cancellationToken)
    {
        foreach (var queue in _queues)
        {
            var found = await BrokerQueue.FindAsync(connection, queue.Name, cancellationToken);
            (queue.Messages, queue.Consumers) = (found?.MessageCount ?? 0, found?.ConsumerCount ?? 0);
            // Before the first look nothing is known of it.
            if (queue.Messages == 0 || queue.EmptyAt is null)
                queue.EmptyAt = time.GetTimestamp();
            Tell(queue);
        }

        foreach (var (queue, messages) in await new DeadLetterQueues(connection).CountAsync(cancellationToken))
            metrics.DeadLetters(queue, messages);
    }

    /// <summary>While the broker cannot be asked what waited still waits, and longer.</summary>
    public void LookAway() => _queues.Where(queue => queue.EmptyAt is not null).ToList().ForEach(Tell);

    private void Tell(WatchedQueue queue) => metrics.Queue(
        queue.Name, queue.Role, queue.Messages, queue.Consumers,
        queue.Messages == 0 ? TimeSpan.Zero : time.GetElapsedTime(queue.EmptyAt!.Value));

    private sealed record WatchedQueue(string Name, string Role)
    {
        public long Messages { get; set; }

        public long Consumers { get; set; }

        public long? EmptyAt { get; set; }
    }
}
