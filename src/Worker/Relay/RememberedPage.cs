using System.Text;
using System.Text.Json;
using RabbitMQ.Client;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;

namespace VoiceWorker.Relay;

/// <summary>A page of events as the memory has it, or the mark of a leader that has read it.</summary>
/// <param name="Origin">Whose positions these are.</param>
/// <param name="After">Everything up to there was published and, unless there is a hole, remembered before.</param>
/// <param name="Last">Of its last event.</param>
/// <param name="IsTakeover">Whether it is such a mark.</param>
/// <param name="Body">The events as JSON.</param>
internal sealed record RememberedPage(
    HistoryOrigin Origin, long After, long Last, bool IsTakeover, ReadOnlyMemory<byte> Body)
{
    /// <summary>Of the message.</summary>
    public string Id { get; init; } = Guid.NewGuid().ToString();

    public BasicProperties Properties => new()
    {
        MessageId = Id,
        ContentType = "application/json",
        DeliveryMode = DeliveryModes.Persistent,
        AppId = "voice-worker",
        Headers = new Dictionary<string, object?>
        {
            ["database"] = Origin.Database, ["timeline"] = Origin.Timeline,
            ["after"] = After, ["last"] = Last, ["takeover"] = IsTakeover,
        },
    };

    /// <summary>From a message of the memory.</summary>
    public static RememberedPage Read(IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body)
    {
        var headers = properties.Headers!;
        var database = headers["database"] is byte[] text ? Encoding.UTF8.GetString(text) : "";
        return new(
            new(database, Convert.ToInt32(headers["timeline"])), Convert.ToInt64(headers["after"]),
            Convert.ToInt64(headers["last"]), headers["takeover"] is true, body.ToArray())
        {
            Id = properties.MessageId ?? "",
        };
    }

    /// <summary>Its events, in the order in which they were published.</summary>
    public IEnumerable<PublishedEvent> ReadEvents()
    {
        using var json = JsonDocument.Parse(Body);
        foreach (var one in json.RootElement.EnumerateArray())
        {
            var name = one.GetProperty("type").GetString()!;
            var contract = StoredTypes.ContractOf(name) ?? throw new UnknownEventException(
                $"published event {one.GetProperty("event").GetProperty("eventId").GetString()}", name);
            yield return new(
                (AuditEvent)one.GetProperty("event").Deserialize(ContractsJson.Default.GetTypeInfo(contract)!)!,
                one.GetProperty("traceParent").GetString());
        }
    }
}
