using System.Text.Json.Nodes;
using VoiceWorker.Contracts;

namespace VoiceWorker.ContractDocuments;

/// <summary>A message in the AsyncAPI document: its payload, its headers and an example.</summary>
internal static class AsyncApiMessage
{
    /// <summary>The message object.</summary>
    /// <param name="message">Any.</param>
    public static JsonObject Of(ContractMessage message)
    {
        var written = new JsonObject
        {
            ["name"] = message.Name,
            ["contentType"] = "application/json",
            ["summary"] = XmlDocs.OfType(message.Example.GetType()),
            ["payload"] = new JsonObject { ["$ref"] = $"#/components/schemas/{message.Name}" },
            ["examples"] = new JsonArray(new JsonObject { ["payload"] = message.ExampleJson }),
        };
        if (message.Sender is Sender.Producer)
        {
            written["description"] =
                "Also taken in MassTransit's envelope, application/vnd.masstransit+json. Unknown fields are ignored.";
        }

        if (message.Example is AuditEvent)
            written["headers"] = AuditHeaders(message);
        if (message.Sender is Sender.Worker)
        {
            written["bindings"] = new JsonObject
            {
                ["amqp"] = new JsonObject { ["messageType"] = message.Name, ["bindingVersion"] = "0.3.0" },
            };
        }

        return written;
    }

    private static JsonObject AuditHeaders(ContractMessage message) => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject
        {
            ["MT-MessageType"] = new JsonObject
            {
                ["description"] = "Lets a MassTransit consumer bind the plain JSON by type.",
                ["const"] = $"urn:message:{message.Example.GetType().Namespace}:{message.Name}",
            },
            ["cloudEvents:specversion"] = new JsonObject
            {
                ["description"] = "CloudEvents 1.0, binary mode: its attributes are headers, the body is the data.",
                ["const"] = "1.0",
            },
            ["cloudEvents:id"] = Text("The same as eventId."),
            ["cloudEvents:source"] = new JsonObject { ["const"] = "/voice-worker" },
            ["cloudEvents:type"] = new JsonObject { ["const"] = $"voice-worker.{message.Name}" },
            ["cloudEvents:time"] = Text("The same as occurredAt."),
            ["cloudEvents:subject"] = Text("The same as stream."),
            ["traceparent"] = new JsonObject
            {
                ["description"] = "W3C trace context of the cause.", ["type"] = "string",
            },
            ["x-replay"] = new JsonObject
            {
                ["description"] = "The event is published again on request.", ["const"] = true,
            },
        },
    };

    private static JsonObject Text(string description) => new() { ["description"] = description, ["type"] = "string" };
}
