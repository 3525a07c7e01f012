using System.Text;
using System.Text.Json;
using RabbitMQ.Client;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;

namespace VoiceWorker.Relay;

/// <summary>An audit event as AMQP message: exchange, properties, body.</summary>
internal static class AuditMessage
{
    // With the trace, and the mark of a replay.
    private const int HeadersAtMost = 9;

    private static readonly Dictionary<Type, byte[]> MessageTypes = Exchanges.OfAuditEvents.Keys.ToDictionary(
        type => type, type => Encoding.ASCII.GetBytes($"urn:message:{type.Namespace}:{type.Name}"));

    // CloudEvents 1.0: what is the same for every event of a type.
    private static readonly byte[] SpecVersion = "1.0"u8.ToArray();
    private static readonly byte[] Source = "/voice-worker"u8.ToArray();

    private static readonly Dictionary<Type, byte[]> CloudEventTypes = Exchanges.OfAuditEvents.Keys.ToDictionary(
        type => type, type => Encoding.ASCII.GetBytes($"voice-worker.{type.Name}"));

    public static string ExchangeOf(AuditEvent auditEvent) => Exchanges.OfAuditEvents[auditEvent.GetType()];

    public static byte[] Body(AuditEvent auditEvent) =>
        JsonSerializer.SerializeToUtf8Bytes(auditEvent, ContractsJson.Default.GetTypeInfo(auditEvent.GetType())!);

    /// <param name="traceParent">W3C trace context for its consumers, if any.</param>
    public static BasicProperties Properties(StoredEvent stored, string? traceParent)
    {
        var id = stored.Event.EventId.ToString();
        return new()
        {
            MessageId = id,
            Type = stored.Event.GetType().Name,
            Timestamp = new AmqpTimestamp(stored.Event.OccurredAt.ToUnixTimeSeconds()),
            ContentType = "application/json",
            DeliveryMode = DeliveryModes.Persistent,
            AppId = "voice-worker",
            Headers = HeadersOf(stored.Event, id, traceParent),
        };
    }

    // Of each message its own: the client writes into them where it is traced.
    private static Dictionary<string, object?> HeadersOf(AuditEvent auditEvent, string id, string? traceParent)
    {
        var type = auditEvent.GetType();
        var headers = new Dictionary<string, object?>(HeadersAtMost)
        {
            // Lets a MassTransit consumer bind the plain JSON by type.
            ["MT-MessageType"] = MessageTypes[type],
            // Let generic consumers understand the event: CloudEvents' binding for AMQP, binary mode.
            ["cloudEvents:specversion"] = SpecVersion,
            ["cloudEvents:id"] = id,
            ["cloudEvents:source"] = Source,
            ["cloudEvents:type"] = CloudEventTypes[type],
            ["cloudEvents:time"] = WireTime.Of(auditEvent.OccurredAt),
            ["cloudEvents:subject"] = auditEvent.Stream,
        };
        if (traceParent is not null)
            headers[Tracing.TraceParentHeader] = traceParent;
        return headers;
    }
}

/// <summary>Where audit events are published, and as what.</summary>
/// <param name="Queue">Straight into this queue; null for the exchange of each event.</param>
/// <param name="IsReplay">Whether they are marked as published before.</param>
internal sealed record AuditDestination(string? Queue, bool IsReplay)
{
    private readonly IReadOnlyList<string> _consumers = [];

    private const string ReplayHeader = "x-replay";

    /// <summary>What the relay publishes for the first time.</summary>
    public static AuditDestination Relay { get; } = new(null, IsReplay: false);

    /// <summary>Shown in RabbitMQ's list of connections.</summary>
    public string ConnectionName => IsReplay ? "voice-worker replay" : "voice-worker relay";

    /// <summary>Queues that are known to take the events, by name: the broker does not say which are bound.</summary>
    public IReadOnlyList<string> KnownQueues
    {
        get => Queue is null ? _consumers : [Queue];
        init => _consumers = value;
    }

    public string ExchangeOf(AuditEvent auditEvent) => Queue is null ? AuditMessage.ExchangeOf(auditEvent) : "";

    public string RoutingKeyOf(AuditEvent auditEvent) => Queue ?? auditEvent.Stream;

    public BasicProperties PropertiesOf(StoredEvent stored, string? traceParent)
    {
        var properties = AuditMessage.Properties(stored, traceParent);
        if (IsReplay)
            properties.Headers![ReplayHeader] = true;
        return properties;
    }

    /// <summary>That an event was refused, on a new connection too. The broker does not say by which queue, nor
    /// why.</summary>
    /// <param name="queues">What the known queues are found to be.</param>
    public string WhyRefused(AuditEvent auditEvent, string queues) => Queue is null
        ? $"nacked by the broker on a new connection (exchange {AuditMessage.ExchangeOf(auditEvent)}); {queues}"
        : $"nacked by the broker on a new connection; {queues}";

    /// <summary>Why an event came back.</summary>
    public string WhyReturned(AuditEvent auditEvent) => Queue is null
        ? $"no queue is bound to {AuditMessage.ExchangeOf(auditEvent)} or {Exchanges.VoiceAudit}"
        : $"there is no queue {Queue}";
}
