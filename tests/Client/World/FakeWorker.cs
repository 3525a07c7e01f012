using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using VoiceWorker.Contracts;
using Xunit;

namespace VoiceWorker.Tests.Client.World;

/// <summary>What is answered: AMQP type and body; null for no answer.</summary>
internal delegate Task<(string Type, string Body)?> Answer(JsonObject message);

/// <summary>Answers what comes to an exchange in the place of the worker, as a test has it.</summary>
internal sealed class FakeWorker : IAsyncDisposable
{
    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private readonly Answer _answer;

    private FakeWorker(IConnection connection, IChannel channel, Answer answer) =>
        (_connection, _channel, _answer) = (connection, channel, answer);

    public ConcurrentQueue<Delivery> Heard { get; } = [];

    /// <summary>Returns when messages reach it.</summary>
    public static async Task<FakeWorker> StartAsync(
        Uri uri, Answer answer, string exchange = Exchanges.CallStarted, ushort concurrency = 1)
    {
        var token = TestContext.Current.CancellationToken;
        var factory = new ConnectionFactory { Uri = uri, ConsumerDispatchConcurrency = concurrency };
        var connection = await factory.CreateConnectionAsync(token);
        var channel = await connection.CreateChannelAsync(cancellationToken: token);
        var worker = new FakeWorker(connection, channel, answer);
        await channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true, cancellationToken: token);
        var queue = await channel.QueueDeclareAsync(cancellationToken: token);
        await channel.QueueBindAsync(queue.QueueName, exchange, "", cancellationToken: token);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += worker.AnswerAsync;
        await channel.BasicConsumeAsync(queue.QueueName, autoAck: true, consumer, token);
        return worker;
    }

    /// <summary>Every business has its number as its voice.</summary>
    public static Task<(string Type, string Body)?> Voice(JsonObject call) => Told("CallVoice", $$"""
        {"callId":{{call["callId"]!.ToJsonString()}},"businessId":{{call["businessId"]}},
         "voiceId":"v{{call["businessId"]}}","source":"business","reason":"businessVoice"}
        """);

    public static Task<(string Type, string Body)?> Told(string type, string body) =>
        Task.FromResult<(string, string)?>((type, body));

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private async Task AnswerAsync(object sender, BasicDeliverEventArgs message)
    {
        var delivery = Delivery.Of(message);
        Heard.Enqueue(delivery);
        if (await _answer(delivery.Json) is not var (type, body) || delivery.Properties.ReplyTo is not { } replyTo)
            return;
        var properties = new BasicProperties { Type = type, CorrelationId = delivery.Properties.CorrelationId };
        await _channel.BasicPublishAsync("", replyTo, mandatory: false, properties, System.Text.Encoding.UTF8.GetBytes(body));
    }
}
