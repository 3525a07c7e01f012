using System.Text.Json;
using Microsoft.Extensions.Options;
using VoiceWorker.Bus;
using VoiceWorker.Relay;
using VoiceWorker.Servers;

namespace VoiceWorker.Boot;

/// <summary>Whether policies of the broker lose or limit what the worker's queues keep.</summary>
internal sealed class PolicyCheck(
    BrokerPolicies policies, IOptions<BusOptions> bus, IOptions<AuditOptions> audit, ILogger<PolicyCheck> logger)
{
    /// <summary>Whether a management API is configured.</summary>
    public bool IsPossible => policies.IsKnown;

    /// <summary>Every queue that the worker declares, and how.</summary>
    public IEnumerable<(string Name, Dictionary<string, object?> Arguments)> Queues()
    {
        foreach (var queue in InputQueue.All)
        {
            yield return (queue.Name, queue.Arguments(bus.Value.DeliveryLimit));
            foreach (var dead in queue.DeadLetters)
                yield return (dead, QueueArguments.OfDeadLetters());
        }

        if (audit.Value.DeclareQueue is { Length: > 0 } events)
            yield return (events, QueueArguments.OfAudit());
    }

    /// <summary>Those that do; none where no management API is configured.</summary>
    /// <exception cref="PolicyUnknownException">It does not answer, or not as RabbitMQ's does.</exception>
    public async Task<IReadOnlyList<PolicyEffect>> FindAsync(CancellationToken cancellationToken)
    {
        try
        {
            return IsPossible ? await policies.FindAsync(Queues(), cancellationToken) : [];
        }
        catch (Exception failure) when (failure is HttpRequestException or JsonException
            || failure is TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw new PolicyUnknownException(
                $"The management API of RabbitMQ does not tell its policies: {failure.Message}", failure);
        }
    }

    /// <summary>Tells them in the log, each with its queue: it is the operator's to decide.</summary>
    public async Task TellAsync(CancellationToken cancellationToken)
    {
        try
        {
            foreach (var effect in await FindAsync(cancellationToken))
                logger.PolicyFound($"{effect}");
        }
        catch (PolicyUnknownException unknown)
        {
            logger.PolicyFound(unknown.Message);
        }
    }
}

/// <summary>Policies cannot be asked for.</summary>
internal sealed class PolicyUnknownException(string message, Exception cause) : Exception(message, cause);
