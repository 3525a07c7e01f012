using System.Text.Json.Nodes;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using VoiceWorker.Infrastructure.Processes;

namespace VoiceWorker.Demo.Traffic;

/// <summary>A consumer of audit events: a queue of its own, bound to the exchange that has all of them.</summary>
internal sealed class AuditTrail : IAsyncDisposable
{
    public const string Exchange = "voice-audit";
    public const string Queue = "demo.voice-audit";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly List<AuditEvent> _events = [];
    private readonly IChannel _channel;

    private AuditTrail(IChannel channel) => _channel = channel;

    /// <summary>Binds the queue, so that it misses nothing of a worker that starts later, and forgets earlier runs.</summary>
    public static async Task PrepareAsync(Uri broker, CancellationToken cancellationToken)
    {
        await using var connection = await Broker.ConnectAsync(broker, cancellationToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        await channel.ExchangeDeclareAsync(Exchange, ExchangeType.Fanout, durable: true, cancellationToken: cancellationToken);
        await channel.QueueDeclareAsync(
            Queue, durable: true, exclusive: false, autoDelete: false, cancellationToken: cancellationToken);
        await channel.QueueBindAsync(Queue, Exchange, routingKey: "", cancellationToken: cancellationToken);
        await channel.QueuePurgeAsync(Queue, cancellationToken);
    }

    /// <summary>Consumes nothing yet.</summary>
    public static async Task<AuditTrail> OpenAsync(IConnection connection, CancellationToken cancellationToken) =>
        new(await connection.CreateChannelAsync(cancellationToken: cancellationToken));

    /// <summary>Shows every event from now on.</summary>
    public async Task FollowAsync(CancellationToken cancellationToken)
    {
        var consumer = new AsyncEventingBasicConsumer(_channel);
        consumer.ReceivedAsync += async (_, delivery) =>
        {
            Note(new AuditEvent(delivery.BasicProperties.Type ?? "?", JsonNode.Parse(delivery.Body.Span)!.AsObject()));
            await _channel.BasicAckAsync(delivery.DeliveryTag, multiple: false, CancellationToken.None);
        };
        await _channel.BasicConsumeAsync(Queue, autoAck: false, consumer, cancellationToken);
    }

    /// <summary>The first event of this kind; null when none has come within 15 s.</summary>
    public async Task<AuditEvent?> WaitForAsync(Func<AuditEvent, bool> isIt, CancellationToken cancellationToken)
    {
        await Polling.UntilAsync(_ => Task.FromResult(Events().Any(isIt)), Patience, cancellationToken);
        return Events().FirstOrDefault(isIt);
    }

    /// <summary>Everything that has come so far, in order, repeats included.</summary>
    public IReadOnlyList<AuditEvent> Events()
    {
        lock (_events)
            return [.. _events];
    }

    public ValueTask DisposeAsync() => _channel.DisposeAsync();

    private void Note(AuditEvent auditEvent)
    {
        lock (_events)
            _events.Add(auditEvent);
        Screen.Line("audit", auditEvent.ToString(), "teal");
    }
}
