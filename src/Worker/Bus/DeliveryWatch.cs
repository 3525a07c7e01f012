using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using VoiceWorker.Servers;

namespace VoiceWorker.Bus;

/// <summary>
/// Notices an input queue that holds messages while none comes to this worker, as over a connection to a node that is
/// cut off from the others: client and broker take the consumer for a live one. Its connection is opened again, every
/// <c>Bus:SilenceLimit</c> until something comes.
/// </summary>
internal sealed class DeliveryWatch(
    IEnumerable<InputFlow> flows, IOptions<ConnectionOptions> servers, IOptions<BusOptions> options, TimeProvider time,
    ILogger<DeliveryWatch> logger) : IHealthCheck
{
    private readonly List<Watched> _inputs = [.. flows.Select(flow => new Watched(flow))];
    private readonly TimeSpan _limit = options.Value.SilenceLimit;
    private volatile string? _problem;

    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_problem is { } problem
            ? HealthCheckResult.Degraded(problem) : HealthCheckResult.Healthy("messages come"));

    /// <summary>Looks at every queue once.</summary>
    /// <param name="broker">Not that of the bus.</param>
    public async Task LookAsync(IConnection broker, CancellationToken cancellationToken)
    {
        foreach (var input in _inputs)
        {
            var found = await BrokerQueue.FindAsync(broker, input.Flow.Queue, cancellationToken);
            await LookAsync(input, holdsMessages: found?.MessageCount > 0);
        }

        var silent = _inputs.Where(input => input.IsSilent).Select(input => input.Flow.Queue).ToList();
        _problem = silent.Count == 0 ? null
            : $"{string.Join(" and ", silent)} holds messages, and none came for {_limit.TotalSeconds:0.#} s: "
                + "consumed again over another connection";
    }

    private async Task LookAsync(Watched input, bool holdsMessages)
    {
        // What was seen once may have been on its way to another worker.
        input.HoldsSince = holdsMessages ? input.HoldsSince ?? time.GetTimestamp() : null;
        var isStuck = input.HoldsSince is { } since && time.GetElapsedTime(since) >= _limit
            && input.Flow.Silence >= _limit;
        if (isStuck)
        {
            if (!input.IsSilent)
                logger.QueueSilent(input.Flow.Queue, _limit.TotalSeconds);
            input.IsSilent = true;
            await input.Flow.ReopenAsync(servers.Value.Nodes);
        }
        else if (input.IsSilent && (input.Flow.HasDelivered || !holdsMessages))
        {
            input.IsSilent = false;
            logger.QueueSpeaks(input.Flow.Queue);
        }
    }

    private sealed record Watched(InputFlow Flow)
    {
        public long? HoldsSince { get; set; }

        public bool IsSilent { get; set; }
    }
}
