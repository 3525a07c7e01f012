using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;

namespace VoiceWorker.Persistence.Audit;

/// <summary>
/// How an event is kept: its own fields as on the wire, without id, stream and sequence, which are columns of the
/// event store and exist only there, and without its hash, which is one of the headers.
/// </summary>
internal static class AuditJson
{
    /// <summary>Reading and writing of stored events.</summary>
    public static JsonSerializerOptions Stored { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        // Marten's own appends wrote them in upper case.
        PropertyNameCaseInsensitive = true,
        // Marten's own types, such as the headers of an event, are read by reflection.
        TypeInfoResolver = JsonTypeInfoResolver.Combine(
            ContractsJson.Default.WithAddedModifier(LeaveColumnsOut), new DefaultJsonTypeInfoResolver()),
    };

    /// <summary>An event as it is stored.</summary>
    /// <returns>UTF-8.</returns>
    public static byte[] Write(AuditEvent auditEvent) =>
        JsonSerializer.SerializeToUtf8Bytes(auditEvent, Stored.GetTypeInfo(auditEvent.GetType()));

    /// <summary>A stored event, without id, stream and sequence.</summary>
    /// <param name="contract">Its type.</param>
    /// <param name="body">As stored, in UTF-8.</param>
    public static AuditEvent Read(Type contract, ReadOnlySpan<byte> body) =>
        (AuditEvent)JsonSerializer.Deserialize(body, Stored.GetTypeInfo(contract))!;

    /// <summary>The same from text.</summary>
    /// <param name="contract">Its type.</param>
    /// <param name="body">As stored.</param>
    public static AuditEvent Read(Type contract, string body) =>
        (AuditEvent)JsonSerializer.Deserialize(body, Stored.GetTypeInfo(contract))!;

    private static void LeaveColumnsOut(JsonTypeInfo type)
    {
        if (!type.Type.IsAssignableTo(typeof(AuditEvent)))
            return;
        foreach (var column in type.Properties.Where(
            property => property.Name is "eventId" or "stream" or "sequence" or "hash"))
            column.ShouldSerialize = static (_, _) => false;
    }
}
