using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using VoiceWorker.Servers;

namespace VoiceWorker.Relay;

/// <summary>The exchanges of the audit events, and the queue that the worker declares if a setting names it.</summary>
internal sealed class AuditTopology(IOptions<AuditOptions> options)
{
    private const string QueueRemedy =
        "Have it emptied by its consumers, delete it and start again; or keep it, leave Audit:DeclareQueue empty "
        + "and bind it yourself";

    public static IReadOnlyList<string> Exchanges { get; } =
        [Contracts.Exchanges.VoiceAudit, .. Contracts.Exchanges.OfAuditEvents.Values];

    /// <summary>The queue that the worker declares, if any.</summary>
    public IReadOnlyList<string> Queues => options.Value.DeclareQueue is { Length: > 0 } queue ? [queue] : [];

    /// <summary>Declares them at the start, so that consumers can bind before there is an event.</summary>
    public async Task DeclareAsync(IConnection broker, CancellationToken cancellationToken)
    {
        await using var channel = await broker.CreateChannelAsync(cancellationToken: cancellationToken);
        await DeclareAsync(channel, options.Value.DeclareQueue, cancellationToken);
    }

    /// <summary>Declares them; what exists already stays as it is.</summary>
    /// <param name="queue">A queue for every event; null for none.</param>
    public static async Task DeclareAsync(IChannel channel, string? queue, CancellationToken cancellationToken)
    {
        await Declaration.ExchangeAsync(channel, Contracts.Exchanges.VoiceAudit, cancellationToken);
        foreach (var exchange in Contracts.Exchanges.OfAuditEvents.Values)
        {
            await Declaration.ExchangeAsync(channel, exchange, cancellationToken);
            await channel.ExchangeBindAsync(
                Contracts.Exchanges.VoiceAudit, exchange, "", cancellationToken: cancellationToken);
        }

        if (string.IsNullOrEmpty(queue))
            return;
        await Declaration.QueueAsync(channel, queue, QueueArguments.OfAudit(), cancellationToken, QueueRemedy);
        await channel.QueueBindAsync(queue, Contracts.Exchanges.VoiceAudit, "", cancellationToken: cancellationToken);
    }
}
