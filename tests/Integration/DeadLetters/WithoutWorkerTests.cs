using RabbitMQ.Client;
using VoiceWorker.Servers;
using Xunit;

namespace VoiceWorker.Tests.Integration.DeadLetters;

/// <summary>Queues that are missing or otherwise than the worker's.</summary>
public sealed class WithoutWorkerTests(TestServers servers)
{
    private const string DeadQueue = "voice-worker.business-voice-changed_dead";

    [Fact]
    public async Task A_dead_letter_whose_queue_is_missing_stays_where_it_is()
    {
        await using var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);
        byte[] body = [0x00, 0xFF, 0x7B];
        await DeadLetterVerbs.PutAsync(broker, DeadQueue, body);

        var (code, output) = await DeadLetterVerbs.RunAsync(servers, "replay", "--all");

        Assert.Equal(8, code);
        Assert.Contains("there is no queue voice-worker.business-voice-changed", output, StringComparison.Ordinal);
        Assert.Contains("sent 0, came back 0, 1 stays", output, StringComparison.Ordinal);
        await DeadLetterVerbs.AssertCountAsync(broker, DeadQueue, 1);
        var kept = await broker.AmqpChannel.BasicGetAsync(DeadQueue, autoAck: true, Token);
        Assert.Equal(body, kept!.Body.ToArray());
        Assert.True(kept.BasicProperties.Headers!.ContainsKey("x-death"));
    }

    [Fact]
    public async Task A_replayed_message_arrives_as_its_producer_sent_it()
    {
        await using var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);
        await broker.AmqpChannel.QueueDeclareAsync(
            InputQueue.BusinessVoiceChanged.Name, durable: true, exclusive: false, autoDelete: false, cancellationToken: Token);
        byte[] body = [0x00, 0xFF, 0x7B];
        await DeadLetterVerbs.PutAsync(broker, DeadQueue, body);

        var (code, output) = await DeadLetterVerbs.RunAsync(servers, "replay", "--all");

        Assert.True(code == 0, output);
        Assert.Contains("sent 1, came back 0 so far: nobody consumes voice-worker.business-voice-changed", output, StringComparison.Ordinal);
        var replayed = await broker.AmqpChannel.BasicGetAsync(InputQueue.BusinessVoiceChanged.Name, autoAck: true, Token);
        Assert.Equal(body, replayed!.Body.ToArray());
        // The client numbers what it publishes.
        Assert.Equal(["tenant"], replayed.BasicProperties.Headers!.Keys.Where(name => name != Constants.PublishSequenceNumberHeader));
        Assert.True(replayed.BasicProperties.Persistent);
    }

    [Theory]
    [InlineData("voice-worker.call-started", "x-delivery-limit", "set Bus:DeliveryLimit")]
    [InlineData("voice-worker.call-started_error", "x-delivery-limit", "delete it and start again")]
    public async Task A_queue_with_other_arguments_ends_the_start_with_2_and_names_the_argument(string queue, string argument, string remedy)
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.Postgres);
        await using var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);
        var arguments = queue.EndsWith("_error", StringComparison.Ordinal) ? QueueArguments.OfDeadLetters() : QueueArguments.OfInput(queue + "_dead", 7);
        arguments["x-delivery-limit"] = 7;
        await broker.AmqpChannel.QueueDeclareAsync(
            queue, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: Token);

        var (code, output) = await StartAsync(database);
        await broker.AmqpChannel.QueueDeleteAsync(queue, cancellationToken: Token);

        Assert.True(code == 2, output);
        Assert.All([$"refuses the queue {queue}", argument, "'7'", $"Expected: durable=true, x-queue-type=quorum, {argument}=", remedy], part =>
            Assert.Contains(part, output, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_exchange_of_another_type_ends_the_start_with_2_and_its_name()
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.Postgres);
        await using var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);
        await broker.AmqpChannel.ExchangeDeleteAsync("call-started", cancellationToken: Token);
        await broker.AmqpChannel.ExchangeDeclareAsync("call-started", ExchangeType.Direct, durable: true, cancellationToken: Token);

        var (code, output) = await StartAsync(database);
        await broker.AmqpChannel.ExchangeDeleteAsync("call-started", cancellationToken: Token);

        Assert.True(code == 2, output);
        Assert.Contains("refuses the exchange call-started", output, StringComparison.Ordinal);
        Assert.Contains("'direct'", output, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Output)> StartAsync(LegacyDatabase database)
    {
        await using var worker = WorkerLauncher.Start(
            RunningWorker.Connections(database.ConnectionString, servers), ["run"]);
        var code = await worker.WaitForExitAsync(Token);
        return (code, string.Join('\n', worker.Output));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
