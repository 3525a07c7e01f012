using System.Text;
using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace VoiceWorker.Demo.Traffic;

/// <summary>
/// A producer as it would be written in any language: plain JSON to an exchange, the answer by AMQP's direct reply-to.
/// </summary>
internal sealed class PlainClient : IAsyncDisposable
{
    private const string DirectReply = "amq.rabbitmq.reply-to";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly Channel<(string? CorrelationId, string Json)> _replies =
        Channel.CreateUnbounded<(string?, string)>();

    private readonly IChannel _channel;
    private int _asked;

    private PlainClient(IChannel channel) => _channel = channel;

    public static async Task<PlainClient> OpenAsync(IConnection connection, CancellationToken cancellationToken)
    {
        var confirmed = new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);
        var client = new PlainClient(await connection.CreateChannelAsync(confirmed, cancellationToken));
        var consumer = new AsyncEventingBasicConsumer(client._channel);
        consumer.ReceivedAsync += async (_, reply) => await client._replies.Writer.WriteAsync(
            (reply.BasicProperties.CorrelationId, Encoding.UTF8.GetString(reply.Body.Span)), CancellationToken.None);
        await client._channel.BasicConsumeAsync(DirectReply, autoAck: true, consumer, cancellationToken);
        return client;
    }

    /// <summary>Returns when the broker has confirmed that a queue has it.</summary>
    public Task SendAsync(string exchange, string json, CancellationToken cancellationToken) =>
        PublishAsync(exchange, json, new BasicProperties(), cancellationToken);

    /// <summary>Sends the same message so many times and collects the answers that come within 15 s.</summary>
    public async Task<IReadOnlyList<string>> AskAsync(
        string exchange, string json, int times, CancellationToken cancellationToken)
    {
        var id = $"{++_asked}";
        for (var i = 0; i < times; i++)
            await PublishAsync(exchange, json, new BasicProperties { ReplyTo = DirectReply, CorrelationId = id }, cancellationToken);
        return await CollectAsync(id, times, cancellationToken);
    }

    public ValueTask DisposeAsync() => _channel.DisposeAsync();

    private async Task PublishAsync(
        string exchange, string json, BasicProperties properties, CancellationToken cancellationToken) =>
        await _channel.BasicPublishAsync(
            exchange, routingKey: "", mandatory: true, properties, Encoding.UTF8.GetBytes(json), cancellationToken);

    private async Task<IReadOnlyList<string>> CollectAsync(string id, int count, CancellationToken cancellationToken)
    {
        var replies = new List<string>();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Patience);
        try
        {
            while (replies.Count < count)
            {
                var (correlationId, json) = await _replies.Reader.ReadAsync(deadline.Token);
                if (correlationId == id)
                    replies.Add(json);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // What is missing is the caller's to report.
        }

        return replies;
    }
}
