using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using VoiceWorker.Health;
using VoiceWorker.Observability;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Relay;
using VoiceWorker.Servers;

namespace VoiceWorker.Boot;

/// <summary>Measures what nobody else notices: waiting audit events, queues, dead letters, readiness; once per
/// <c>Observability:Interval</c>, however often it is scraped.</summary>
internal sealed class BacklogWatch(
    PostgresConnections connections, HealthCheckService health, Readiness readiness, RelayHealth relay,
    WorkerMetrics metrics, IOptions<ConnectionOptions> servers, IOptions<ObservabilityOptions> options,
    IOptions<AuditOptions> audit, TimeProvider time,
    ILogger<BacklogWatch> logger)
    : BackgroundService
{
    private readonly TimeSpan _interval = options.Value.Interval;
    private readonly QueueWatch _queues = new(
        options.Value.AuditQueues.Append(audit.Value.DeclareQueue ?? ""), metrics, time);
    private Task _reading = Task.CompletedTask;
    private IConnection? _broker;
    private AuditLag _lag;
    private long _lagReadAt;
    private bool _isBlind;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        metrics.BeginAtZero();
        using var timer = new PeriodicTimer(_interval, time);
        try
        {
            do
                await RunOnceAsync(stoppingToken);
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    /// <summary>One look.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        var report = await health.CheckHealthAsync(
            check => check.Tags.Contains(HealthEndpoints.ReadyTag), cancellationToken);
        metrics.Ready(report.Status is not HealthStatus.Unhealthy);
        if (!readiness.SchemaVerified.IsCompleted)
            return;
        try
        {
            // A server that stands still answers no cancellation either: the look that waits for it is not repeated
            // beside it.
            if (_reading.IsCompleted)
                _reading = ReadAsync(cancellationToken);
            await _reading.WaitAsync(_interval, time, cancellationToken);
            _isBlind = false;
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            NoteBlindness(failure);
        }
    }

    /// <inheritdoc />
    public override void Dispose()
    {
        _broker?.Dispose();
        base.Dispose();
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        // Not cancelled: the cancellation of a statement waits for the server, and whoever stops this would wait for that.
        await using (var connection = await connections.OpenAsync(cancellationToken))
            _lag = await AuditLag.ReadAsync(connection, CancellationToken.None);
        _lagReadAt = time.GetTimestamp();
        metrics.Lags(_lag);
        metrics.Held(relay is { IsLeader: true, Obstacle: not null });
        await _queues.LookAsync(await ConnectAsync(cancellationToken), cancellationToken);
    }

    private async Task<IConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        if (_broker is { IsOpen: true })
            return _broker;
        _broker?.Dispose();
        return _broker = await RabbitConnection.OpenAsync(servers.Value, "voice-worker observer", cancellationToken);
    }

    // What waited still waits, and longer.
    private void NoteBlindness(Exception failure)
    {
        if (_lagReadAt != 0)
            metrics.Lags(_lag.After(time.GetElapsedTime(_lagReadAt)));
        _queues.LookAway();
        if (!_isBlind)
            logger.ObserverBlind(ServerFailure.Describe(failure));
        _isBlind = true;
    }
}
