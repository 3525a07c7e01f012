using RabbitMQ.Client;
using VoiceWorker.Servers;

namespace VoiceWorker.Relay;

/// <summary>What can be found out about an event that the broker refused. A nack says neither which queue it is nor
/// why, and without the management plugin the limit of a queue is not known: only its length is.</summary>
internal static class RefusedQueues
{
    // A queue without a leader does not answer.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private const string Unknown = "by which queue and why is not known: one that is full or has no leader does so";

    /// <summary>The state of each known queue, without a number: a text that changes is logged again.</summary>
    /// <param name="queues">By name.</param>
    public static async Task<string> DescribeAsync(
        IConnection connection, IReadOnlyList<string> queues, CancellationToken cancellationToken)
    {
        var states = new List<string>();
        foreach (var queue in queues)
            states.Add($"{queue} {await StateOfAsync(connection, queue, cancellationToken)}");
        return states.Count == 0 ? Unknown : $"{Unknown}; {string.Join(", ", states)}";
    }

    private static async Task<string> StateOfAsync(
        IConnection connection, string queue, CancellationToken cancellationToken)
    {
        try
        {
            var found = await BrokerQueue.FindAsync(connection, queue, cancellationToken)
                .WaitAsync(Patience, TimeProvider.System, cancellationToken);
            return found switch
            {
                null => "does not exist",
                { MessageCount: 0 } => "is empty",
                _ => "has messages waiting, and is full if its length is limited",
            };
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            return "does not answer";
        }
    }
}
