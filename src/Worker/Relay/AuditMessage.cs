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

    /// <param name="stored">The event.</param>
    /// <param name="traceParent">W3C trace context for its consumers, if any.</param>
    public static BasicProperties Properties(StoredEvent stored, string? traceParent)
    {
        // Lets a MassTransit consumer bind the plain JSON by type.
        var headers = new Dictionary<string, object?> { ["MT-MessageType"] = MessageTypes[stored.Event.GetType()] };
        if (traceParent is not null)
            headers[Tracing.TraceParentHeader] = traceParent;
        return new BasicProperties
        {
            MessageId = stored.Event.EventId.ToString(),
            Type = stored.Event.GetType().Name,
            Timestamp = new AmqpTimestamp(stored.Event.OccurredAt.ToUnixTimeSeconds()),
            ContentType = "application/json",
            DeliveryMode = DeliveryModes.Persistent,
            AppId = "voice-worker",
            Headers = headers,
        };
    }
}
