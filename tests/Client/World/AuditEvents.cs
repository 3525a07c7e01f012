using System.Text.Json;
using System.Text.Json.Nodes;
using VoiceWorker.Client.Audit;

namespace VoiceWorker.Tests.Client.World;

/// <summary>An audit event as it is published.</summary>
internal sealed record Published(string Type, string Body);

/// <summary>Events as the worker publishes them: OperatorActed, for its nested objects.</summary>
internal static class AuditEvents
{
    /// <summary>The first ones of a stream, each with its hash.</summary>
    public static Published[] Chain(int count, string stream = "business-1")
    {
        var events = new Published[count];
        string? before = null;
        for (var n = 1; n <= count; n++)
        {
            var body = JsonNode.Parse($$"""
                {"eventId":"{{Guid.NewGuid()}}","stream":"{{stream}}","sequence":{{n}},
                 "occurredAt":"2026-01-31T09:30:00.000000Z","operator":"anna@host","verb":"voice set",
                 "filter":{"voice":"é \"\n","id":"1"},"counts":{"sent":1},"result":"done","note":null}
                """)!.AsObject();
            before = HashChain.HashOf("OperatorActed", JsonElement.Parse(body.ToJsonString()), before);
            body["hash"] = before;
            events[n - 1] = new Published("OperatorActed", body.ToJsonString());
        }

        return events;
    }
}
