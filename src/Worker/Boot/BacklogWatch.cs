using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using VoiceWorker.DeadLetters;
using VoiceWorker.Health;
using VoiceWorker.Observability;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Servers;

namespace VoiceWorker.Boot;

/// <summary>Measures what nobody else notices: waiting audit events, dead letters, readiness. Asks each server one
/// thing per <c>Observability:Interval</c>, however often it is scraped.</summary>
internal sealed class BacklogWatch(
    PostgresConnections connections, HealthCheckService health, Readiness readiness, WorkerMetrics metrics,
    IOptions<ConnectionOptions> servers, IOptions<ObservabilityOptions> options, TimeProvider time,
    ILogger<BacklogWatch> logger)
    : BackgroundService
{
    private readonly TimeSpan _interval = options.Value.Interval;
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
        foreach (var (queue, messages) in await CountDeadLettersAsync(cancellationToken))
            metrics.DeadLetters(queue, messages);
    }

    private async Task<IReadOnlyList<(string Queue, uint Messages)>> CountDeadLettersAsync(
        CancellationToken cancellationToken)
    {
        if (_broker is not { IsOpen: true })
        {
            _broker?.Dispose();
            _broker = await RabbitConnection.OpenAsync(servers.Value, "voice-worker observer", cancellationToken);
        }

        return await new DeadLetterQueues(_broker).CountAsync(cancellationToken);
    }

    // What waited still waits, and longer.
    private void NoteBlindness(Exception failure)
    {
        if (_lagReadAt != 0)
            metrics.Lags(_lag.After(time.GetElapsedTime(_lagReadAt)));
        if (!_isBlind)
            logger.ObserverBlind(ServerFailure.Describe(failure));
        _isBlind = true;
    }
}
