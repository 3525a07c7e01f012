using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using VoiceWorker.Contracts;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Clients.Conformance;

/// <summary>Hears calls and changes in the worker's place, and answers as it is told: for what a worker never
/// does.</summary>
internal sealed class StandIn : IAsyncDisposable
{
    // What is no answer, each in its way: the first to the call CA-1, and so on.
    private static readonly (string? Type, string Body)[] Garbled =
    [
        (nameof(CallVoice), "not JSON"),
        (nameof(CallVoice), "[]"),
        (nameof(CallVoice), """{"callId":"CA-1","businessId":42}"""),
        (nameof(CallVoice), """{"callId":"CA-1","businessId":42,"voiceId":7,"source":[],"reason":{}}"""),
        (nameof(CallRefused), """{"broken":"all"}"""),
        ("SomethingNew", """{"later":1}"""),
        (null, "null"),
        (nameof(CallVoice), ""),
    ];

    private readonly ConcurrentQueue<Delivery> _heard = [];
    private readonly ConcurrentQueue<Delivery> _held = [];
    private readonly IConnection _connection;
    private readonly IChannel _channel;

    private StandIn(IConnection connection, IChannel channel) => (_connection, _channel) = (connection, channel);

    /// <summary>What it does with a message: answers, silent, holds, refuses, cannotRecord, garbles or stutters.</summary>
    public string Manner { get; private set; } = "silent";

    /// <summary>All messages so far.</summary>
    public IReadOnlyList<Delivery> Heard => [.. _heard];

    public static async Task<StandIn> StartAsync(Uri broker)
    {
        var connection = await new ConnectionFactory { Uri = broker }.CreateConnectionAsync(Token);
        var standIn = new StandIn(connection, await connection.CreateChannelAsync(cancellationToken: Token));
        await DeclareAsync(standIn._channel);
        var queue = (await standIn._channel.QueueDeclareAsync(cancellationToken: Token)).QueueName;
        foreach (var exchange in (string[])[Exchanges.CallStarted, Exchanges.BusinessVoiceChanged])
            await standIn._channel.QueueBindAsync(queue, exchange, "", cancellationToken: Token);
        var consumer = new AsyncEventingBasicConsumer(standIn._channel);
        consumer.ReceivedAsync += (_, message) => standIn.HearAsync(Delivery.Of(message));
        await standIn._channel.BasicConsumeAsync(queue, autoAck: true, consumer, Token);
        return standIn;
    }

    /// <summary>The exchanges that producers publish to, as the worker declares them.</summary>
    public static async Task DeclareAsync(IChannel channel)
    {
        foreach (var exchange in (string[])[Exchanges.CallStarted, Exchanges.BusinessVoiceChanged])
            await channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true, cancellationToken: Token);
    }

    /// <summary>From now on; what was held is answered so.</summary>
    public async Task BehaveAsync(string manner)
    {
        Manner = manner;
        while (manner != "holds" && _held.TryDequeue(out var one))
            await AnswerAsync(one);
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private async Task HearAsync(Delivery message)
    {
        _heard.Enqueue(message);
        if (Manner == "holds")
            _held.Enqueue(message);
        else
            await AnswerAsync(message);
    }

    private async Task AnswerAsync(Delivery message)
    {
        var isCall = message.Json.ContainsKey("callId");
        switch (Manner)
        {
            case "answers":
                await ReplyAsync(message, isCall ? CallVoice(message) : ChangeResult(message));
                break;
            case "refuses":
                await ReplyAsync(message, Refusal(isCall, "invalidMessage", "somethingNew"));
                break;
            case "cannotRecord":
                await ReplyAsync(message, Refusal(isCall, "notRecorded", ""));
                break;
            case "garbles":
                await ReplyAsync(message, Garbled[int.Parse(message.Field("callId")[3..], CultureInfo.InvariantCulture) - 1]);
                break;
            case "stutters":
                await ReplyAsync(message, (nameof(Contracts.CallVoice), """{"voiceId":"of another"}"""), $"{Guid.NewGuid():N}");
                await ReplyAsync(message, CallVoice(message));
                await ReplyAsync(message, CallVoice(message));
                break;
        }
    }

    private static (string, string) CallVoice(Delivery message) => (nameof(Contracts.CallVoice), new JsonObject
    {
        ["callId"] = message.Field("callId"), ["businessId"] = message.Json["businessId"]!.DeepClone(),
        ["voiceId"] = $"voice-{message.Field("businessId")}", ["source"] = "business", ["reason"] = "businessVoice",
        ["later"] = new JsonArray(1, null, new JsonObject()),
    }.ToJsonString());

    private static (string, string) ChangeResult(Delivery message) => (nameof(VoiceChangeResult), new JsonObject
    {
        ["businessId"] = message.Json["businessId"]!.DeepClone(), ["voiceId"] = message.Field("voiceId"),
        ["changedAt"] = message.Field("changedAt"), ["outcome"] = "updated", ["standingVoiceId"] = message.Field("voiceId"),
    }.ToJsonString());

    private static (string, string) Refusal(bool isCall, string error, string field) =>
        (isCall ? nameof(CallRefused) : nameof(ChangeRefused), new JsonObject
        {
            ["error"] = error, ["broken"] = new JsonArray(new JsonObject { ["field"] = field, ["rule"] = "a rule of tomorrow" }),
        }.ToJsonString());

    private async Task ReplyAsync(Delivery message, (string? Type, string Body) reply, string? correlationId = null) =>
        await _channel.BasicPublishAsync(
            "", message.Properties.ReplyTo!, mandatory: false, new BasicProperties
            {
                Type = reply.Type, ContentType = "application/json",
                CorrelationId = correlationId ?? message.Properties.CorrelationId,
            },
            Encoding.UTF8.GetBytes(reply.Body), Token);

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
