using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using VoiceWorker.Contracts;
using VoiceWorker.Tests.Faults.Traffic;

namespace VoiceWorker.Tests.Faults.World;

/// <summary>
/// The queues of all scripts. They are declared once and emptied before each script: a broker that is killed within a
/// second of a declaration may forget it.
/// </summary>
internal static class Topology
{
    public const string Audit = "faults.audit";
    public const string Replies = "faults.replies";

    public static readonly string[] WorkerQueues = ["voice-worker.call-started", "voice-worker.business-voice-changed"];

    private static readonly Dictionary<string, object?> Quorum = new() { ["x-queue-type"] = "quorum" };

    // A consumer whose node was cut off shares the queue with the one that took its place until that is noticed: between
    // the two nothing is in order.
    private static readonly Dictionary<string, object?> InOrder = new(Quorum) { ["x-single-active-consumer"] = true };

    public static async Task DeclareAsync(Uri broker, CancellationToken cancellationToken)
    {
        await using var connection = await PlainConnection.OpenAsync(broker, "topology", cancellationToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        await channel.ExchangeDeclareAsync(Exchanges.VoiceAudit, ExchangeType.Fanout, durable: true, cancellationToken: cancellationToken);
        foreach (var (queue, arguments) in new[] { (Audit, InOrder), (Replies, Quorum) })
        {
            await channel.QueueDeclareAsync(
                queue, durable: true, exclusive: false, autoDelete: false, arguments,
                cancellationToken: cancellationToken);
        }

        await channel.QueueBindAsync(Audit, Exchanges.VoiceAudit, "", cancellationToken: cancellationToken);
    }

    /// <summary>Empties all queues.</summary>
    public static async Task EmptyAsync(Uri broker, CancellationToken cancellationToken)
    {
        await using var connection = await PlainConnection.OpenAsync(broker, "topology", cancellationToken);
        foreach (var queue in WorkerQueues.SelectMany(WithItsDead).Concat([Audit, Replies]))
            await OnQueueAsync(connection, channel => channel.QueuePurgeAsync(queue, cancellationToken), cancellationToken);
    }

    /// <summary>How many messages wait in a queue; 0 when there is none.</summary>
    public static async Task<uint> CountAsync(IConnection connection, string queue, CancellationToken cancellationToken) =>
        await OnQueueAsync(connection, channel => channel.MessageCountAsync(queue, cancellationToken), cancellationToken);

    public static IEnumerable<string> WithItsDead(string queue) => [queue, queue + "_error", queue + "_dead"];

    private static async Task<uint> OnQueueAsync(
        IConnection connection, Func<IChannel, Task<uint>> work, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        try
        {
            return await work(channel);
        }
        catch (OperationInterruptedException missing) when (missing.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            return 0;
        }
    }
}
