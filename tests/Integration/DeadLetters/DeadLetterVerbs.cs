using RabbitMQ.Client;
using VoiceWorker.DeadLetters;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Servers;
using VoiceWorker.Tests.Integration.Hosting;
using Xunit;

namespace VoiceWorker.Tests.Integration.DeadLetters;

/// <summary>Runs the verbs, and looks at the queues beside them.</summary>
internal static class DeadLetterVerbs
{
    // PostgreSQL is nowhere: these verbs do not need it.
    private const string Nowhere = "Host=127.0.0.1;Port=1;Database=app;Username=worker;Password=s3cr3t";

    public static Task<(int Code, string Output)> RunAsync(TestServers servers, params string[] verb) =>
        HostedVerb.RunAsync(RunningWorker.Connections(Nowhere, servers), ["dead-letters", .. verb]);

    /// <summary>Waits until a queue holds so many; messages that somebody holds do not count.</summary>
    public static async Task AssertCountAsync(BrokerClient broker, string queue, uint expected)
    {
        uint found = 0;
        var held = await Polling.UntilAsync(
            async token => (found = await broker.AmqpChannel.MessageCountAsync(queue, token)) == expected, Waits.Longest, Token);
        Assert.True(held, $"{queue} has {found} messages");
    }

    /// <summary>Takes as many as are expected, or however many there are: those that are missing are told by the test.</summary>
    public static async Task<IReadOnlyList<Delivery>> TakeAsync(BrokerClient broker, string queue, uint expected)
    {
        uint found = 0;
        await Polling.UntilAsync(
            async token => (found = await broker.AmqpChannel.MessageCountAsync(queue, token)) >= expected, Waits.Longest, Token);
        return await broker.TakeOfAsync(queue, (int)found);
    }

    /// <summary>Ids, as the verbs find them.</summary>
    public static async Task<IReadOnlyList<string>> IdsAsync(IConnection connection)
    {
        var ids = new List<string>();
        await using var queues = new DeadLetterQueues(connection);
        await foreach (var letter in queues.ReadAsync(new DeadLetterFilter(), Token))
            ids.Add(letter.Id);
        return ids;
    }

    /// <summary>A message into a dead-letter queue by hand, as RabbitMQ would have put it there.</summary>
    public static async Task PutAsync(BrokerClient broker, string queue, byte[] body, long diedAt = 1_769_851_800)
    {
        await broker.AmqpChannel.QueueDeclareAsync(
            queue, durable: true, exclusive: false, autoDelete: false, QueueArguments.OfDeadLetters(), cancellationToken: Token);
        await PublishAsync(broker, queue, body, diedAt);
    }

    /// <summary>The same into a queue that is there.</summary>
    public static async Task PublishAsync(BrokerClient broker, string queue, byte[] body, long diedAt = 1_769_851_800)
    {
        var death = new Dictionary<string, object?>
        {
            ["reason"] = "delivery_limit", ["count"] = 1L, ["time"] = new AmqpTimestamp(diedAt),
        };
        var headers = new Dictionary<string, object?> { ["x-death"] = new List<object?> { death }, ["tenant"] = "north" };
        await broker.AmqpChannel.BasicPublishAsync(
            "", queue, mandatory: true, new BasicProperties { Headers = headers, Persistent = true }, body, Token);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
