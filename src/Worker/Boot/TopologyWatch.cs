using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using VoiceWorker.Bus;
using VoiceWorker.Health;
using VoiceWorker.Observability;
using VoiceWorker.Persistence;
using VoiceWorker.Relay;
using VoiceWorker.Servers;

namespace VoiceWorker.Boot;

/// <summary>
/// Declares exchanges, queues and bindings again every <c>Observability:Interval</c>: what was removed while the worker
/// runs is back by then. The broker cannot be asked for a binding, so that one that was missing is mended in silence.
/// Over the same connection <see cref="DeliveryWatch"/> looks at the input queues.
/// </summary>
internal sealed class TopologyWatch(
    InputTopology inputs, AuditTopology audit, DeliveryWatch deliveries, Readiness readiness, WorkerMetrics metrics,
    IOptions<ConnectionOptions> servers, IOptions<ObservabilityOptions> options, IOptions<BusOptions> bus,
    TimeProvider time, ILogger<TopologyWatch> logger)
    : Duty("topology", options.Value.Interval, readiness, metrics, time), IHealthCheck
{
    private readonly KeptConnection _broker = new(servers.Value, "voice-worker topology");
    private readonly TimeSpan _patience = bus.Value.SilenceLimit;
    private volatile string? _problem;

    // The boot declares everything first.
    protected override bool IsDue => Readiness.IsOpen;

    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_problem is { } problem
            ? HealthCheckResult.Degraded(problem) : HealthCheckResult.Healthy("as declared"));

    public override void Dispose()
    {
        _broker.Dispose();
        base.Dispose();
    }

    protected override async Task<bool> RunRoundAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            await LookAsync(patience.Token).WaitAsync(_patience, Time, cancellationToken);
        }
        catch (TimeoutException)
        {
            await patience.CancelAsync();
            _broker.Abandon();
            throw;
        }

        return false;
    }

    protected override string Describe(Exception failure) =>
        failure is TopologyException refused ? PeerText.Escape(refused.Message) : base.Describe(failure);

    protected override void LogFailing(string failure) => logger.TopologyUnknown(failure);

    protected override void LogRecovered() => logger.TopologyKnown();

    // Without the broker nothing is known of it, and the bus says that it is away; not so of one that is silent.
    protected override void NoteFailure(Exception failure, string description, TimeSpan elapsed) =>
        _problem = failure switch
        {
            TopologyException => description,
            TimeoutException => $"RabbitMQ does not answer within {_patience.TotalSeconds:0.#} s",
            _ => null,
        };

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var broker = await _broker.OpenAsync(cancellationToken);
        await deliveries.LookAsync(broker, cancellationToken);
        var missing = await Topology.FindMissingAsync(
            broker, [.. InputTopology.Exchanges, .. AuditTopology.Exchanges],
            [.. InputTopology.Queues, .. audit.Queues], cancellationToken);
        try
        {
            await inputs.DeclareAsync(broker, cancellationToken);
        }
        finally
        {
            await audit.DeclareAsync(broker, cancellationToken);
        }

        Note(missing);
    }

    private void Note(IReadOnlyList<string> missing)
    {
        var names = string.Join(", ", missing);
        if (missing.Count > 0)
            logger.TopologyMended(names);
        _problem = missing.Count > 0 ? $"was missing and is declared again: {names}" : null;
    }
}
