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
    private static readonly Dictionary<Type, byte[]> MessageTypes = Exchanges.OfAuditEvents.Keys.ToDictionary(
        type => type, type => Encoding.ASCII.GetBytes($"urn:message:{type.Namespace}:{type.Name}"));

    public static string ExchangeOf(AuditEvent auditEvent) => Exchanges.OfAuditEvents[auditEvent.GetType()];

    public static byte[] Body(AuditEvent auditEvent) =>
        JsonSerializer.SerializeToUtf8Bytes(auditEvent, ContractsJson.Default.GetTypeInfo(auditEvent.GetType())!);

    /// <param name="traceParent">W3C trace context for its consumers, if any.</param>
    public static BasicProperties Properties(StoredEvent stored, string? traceParent) => new()
    {
        MessageId = stored.Event.EventId.ToString(),
        Type = stored.Event.GetType().Name,
        Timestamp = new AmqpTimestamp(stored.Event.OccurredAt.ToUnixTimeSeconds()),
        ContentType = "application/json",
        DeliveryMode = DeliveryModes.Persistent,
        AppId = "voice-worker",
        Headers = HeadersOf(stored.Event.GetType(), traceParent),
    };

    // Of each message its own: the client writes into them where it is traced.
    private static Dictionary<string, object?> HeadersOf(Type type, string? traceParent)
    {
        // Lets a MassTransit consumer bind the plain JSON by type.
        var headers = new Dictionary<string, object?> { ["MT-MessageType"] = MessageTypes[type] };
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
