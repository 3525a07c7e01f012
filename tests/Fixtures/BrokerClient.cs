using System.Text;
using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using Xunit;

namespace VoiceWorker.Tests.Fixtures;

/// <summary>A plain AMQP client that knows nothing of MassTransit.</summary>
public sealed class BrokerClient : IAsyncDisposable
{
    /// <summary>The reply-to that needs no queue.</summary>
    public const string DirectReply = "amq.rabbitmq.reply-to";

    private readonly IConnection _connection;
    private readonly Channel<Delivery> _replies = Channel.CreateUnbounded<Delivery>();

    private BrokerClient(IConnection connection, IChannel channel) => (_connection, AmqpChannel) = (connection, channel);

    public IChannel AmqpChannel { get; }

    /// <summary>Connects.</summary>
    public static async Task<BrokerClient> ConnectAsync(Uri uri)
    {
        var connection = await new ConnectionFactory { Uri = uri }.CreateConnectionAsync(Token);
        var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), Token);
        var client = new BrokerClient(connection, channel);
        await client.ConsumeAsync(DirectReply, client._replies);
        return client;
    }

    /// <summary>Publishes plain JSON to an exchange, as any language does it.</summary>
    public Task PublishAsync(string exchange, string json, string? replyTo = null, string? correlationId = null) =>
        PublishAsync(exchange, Encoding.UTF8.GetBytes(json), new BasicProperties { ReplyTo = replyTo, CorrelationId = correlationId });

    public async Task PublishAsync(string exchange, byte[] body, BasicProperties properties) =>
        await AmqpChannel.BasicPublishAsync(exchange, "", mandatory: true, properties, body, Token);

    /// <summary>Publishes and waits for the answer; returns it with the correlation id that came back.</summary>
    public async Task<Delivery> AskAsync(string exchange, string json, string? correlationId = "1")
    {
        await PublishAsync(exchange, json, DirectReply, correlationId);
        return await NextReplyAsync();
    }

    public Task<Delivery> NextReplyAsync() => ReadAsync(_replies.Reader);

    /// <summary>A queue of this test alone, bound to an exchange; goes with the connection.</summary>
    public async Task<ChannelReader<Delivery>> BindAsync(string exchange)
    {
        var queue = await AmqpChannel.QueueDeclareAsync(cancellationToken: Token);
        await AmqpChannel.QueueBindAsync(queue.QueueName, exchange, "", cancellationToken: Token);
        var deliveries = Channel.CreateUnbounded<Delivery>();
        await ConsumeAsync(queue.QueueName, deliveries);
        return deliveries.Reader;
    }

    /// <summary>The next message of a queue that the worker declared.</summary>
    public async Task<Delivery> NextOfAsync(string queue) => (await TakeOfAsync(queue, 1))[0];

    /// <summary>So many messages of a queue that the worker declared.</summary>
    public async Task<IReadOnlyList<Delivery>> TakeOfAsync(string queue, int count)
    {
        var deliveries = Channel.CreateUnbounded<Delivery>();
        await using var channel = await OpenWhenDeclaredAsync(queue);
        await ConsumeAsync(queue, deliveries, channel);
        return await TakeAsync(deliveries.Reader, count);
    }

    /// <summary>So many deliveries, in order.</summary>
    public static async Task<IReadOnlyList<Delivery>> TakeAsync(ChannelReader<Delivery> deliveries, int count)
    {
        var taken = new List<Delivery>();
        while (taken.Count < count)
            taken.Add(await ReadAsync(deliveries));
        return taken;
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static async Task<Delivery> ReadAsync(ChannelReader<Delivery> deliveries)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(Waits.Longest);
        return await deliveries.ReadAsync(patience.Token);
    }

    // MassTransit declares an error queue when it first needs it.
    private async Task<IChannel> OpenWhenDeclaredAsync(string queue)
    {
        IChannel? channel = null;
        var declared = await VoiceWorker.Infrastructure.Processes.Polling.UntilAsync(async token =>
        {
            channel = await _connection.CreateChannelAsync(cancellationToken: token);
            try
            {
                await channel.QueueDeclarePassiveAsync(queue, token);
                return true;
            }
            catch (OperationInterruptedException)
            {
                return false;
            }
        }, Waits.Longest, Token);
        Assert.True(declared, $"there is no queue {queue}");
        return channel!;
    }

    private async Task ConsumeAsync(string queue, Channel<Delivery> into, IChannel? channel = null)
    {
        channel ??= AmqpChannel;
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, message) => await into.Writer.WriteAsync(Delivery.Of(message));
        await channel.BasicConsumeAsync(queue, autoAck: true, consumer, Token);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
