using System.Text.Json.Nodes;
using RabbitMQ.Client;
using VoiceWorker.Servers;

namespace VoiceWorker.Verbs.Status;

/// <summary>What RabbitMQ tells of the worker's queues without its management plugin.</summary>
internal static class BrokerStatus
{
    /// <summary>As JSON: queues with messages and consumers, and the dead letters.</summary>
    /// <param name="connection">Open.</param>
    /// <param name="auditQueue">The queue that the worker declares for audit events; null for none.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public static async Task<JsonObject> ReadAsync(
        IConnection connection, string? auditQueue, CancellationToken cancellationToken)
    {
        var queues = InputQueue.All.Select(queue => queue.Name)
            .Concat(string.IsNullOrEmpty(auditQueue) ? [] : [auditQueue]);
        var dead = InputQueue.All.SelectMany(queue => queue.DeadLetters);
        return new JsonObject
        {
            ["queues"] = await ReadAsync(connection, queues, cancellationToken),
            ["deadLetters"] = await ReadAsync(connection, dead, cancellationToken),
        };
    }

    private static async Task<JsonArray> ReadAsync(
        IConnection connection, IEnumerable<string> queues, CancellationToken cancellationToken)
    {
        var answers = new JsonArray();
        foreach (var queue in queues)
        {
            var found = await BrokerQueue.FindAsync(connection, queue, cancellationToken);
            answers.Add(Describe(queue, found));
        }

        return answers;
    }

    /// <summary>One queue; what is not known of it is null.</summary>
    public static JsonObject Describe(string queue, QueueDeclareOk? found) => new()
    {
        ["queue"] = queue,
        ["exists"] = found is not null,
        ["messages"] = (long?)found?.MessageCount,
        ["consumers"] = (long?)found?.ConsumerCount,
    };
}
