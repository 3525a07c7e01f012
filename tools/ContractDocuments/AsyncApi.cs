using System.Text.Json.Nodes;
using VoiceWorker.Contracts;

namespace VoiceWorker.ContractDocuments;

/// <summary>The AsyncAPI 3.0 document: what the worker receives, answers and sends, and where.</summary>
internal static class AsyncApi
{
    /// <summary>The whole document.</summary>
    public static JsonObject Document() => new()
    {
        ["asyncapi"] = "3.0.0",
        ["info"] = new JsonObject
        {
            ["title"] = "Voice Worker",
            ["version"] = typeof(CallStarted).Assembly.GetName().Version!.ToString(3),
            ["description"] = "Gives every call its voice, and tells what it decided. Written by ./contracts.",
        },
        ["defaultContentType"] = "application/json",
        ["servers"] = new JsonObject
        {
            ["rabbitmq"] = new JsonObject
            {
                ["host"] = "localhost:5672", ["protocol"] = "amqp", ["protocolVersion"] = "0.9.1",
            },
        },
        ["channels"] = Channels(),
        ["operations"] = Operations(),
        ["components"] = new JsonObject
        {
            ["messages"] = ByName(ContractMessage.All, AsyncApiMessage.Of),
            ["schemas"] = ByName(ContractMessage.All, MessageSchema.Of),
        },
    };

    private static JsonObject Channels()
    {
        var channels = new JsonObject();
        foreach (var message in ContractMessage.All)
        {
            if (message.Exchange is { } exchange)
                channels[ChannelOf(message)] = Exchange(exchange, [message]);
            if (message.Replies is [var first, ..] replies)
                channels[ChannelOf(first)] = ReplyChannel(replies);
        }

        channels["voiceAudit"] = Exchange(Exchanges.VoiceAudit, AuditEvents);
        return channels;
    }

    private static JsonObject Exchange(string name, IEnumerable<ContractMessage> messages) => new()
    {
        ["address"] = name,
        ["messages"] = References(messages),
        ["bindings"] = new JsonObject
        {
            ["amqp"] = new JsonObject
            {
                ["is"] = "routingKey",
                ["exchange"] = new JsonObject
                {
                    ["name"] = name, ["type"] = "fanout", ["durable"] = true, ["autoDelete"] = false, ["vhost"] = "/",
                },
                ["bindingVersion"] = "0.3.0",
            },
        },
    };

    private static JsonObject ReplyChannel(IEnumerable<ContractMessage> replies) => new()
    {
        ["address"] = null,
        ["description"] = "The queue that the caller names in the AMQP property reply_to; correlation_id is given back, "
            + "and type is the name of the message.",
        ["messages"] = References(replies),
    };

    private static JsonObject References(IEnumerable<ContractMessage> messages) =>
        ByName(messages, message => Reference($"#/components/messages/{message.Name}"));

    private static JsonObject Operations()
    {
        var operations = new JsonObject();
        foreach (var message in ContractMessage.All.Where(message => message.Exchange is not null))
            operations[(message.Sender is Sender.Producer ? "receive" : "send") + message.Name] = Operation(message);
        return operations;
    }

    private static JsonObject Operation(ContractMessage message)
    {
        var operation = new JsonObject
        {
            ["action"] = message.Sender is Sender.Producer ? "receive" : "send",
            ["channel"] = Reference($"#/channels/{ChannelOf(message)}"),
        };
        if (message.Replies is [var first, ..])
        {
            operation["reply"] = new JsonObject
            {
                ["address"] = new JsonObject { ["location"] = "$message.header#/reply_to" },
                ["channel"] = Reference($"#/channels/{ChannelOf(first)}"),
            };
        }

        if (message.Example is AuditEvent)
        {
            operation["description"] =
                $"Confirmed, in order, at least once; the exchange is bound to {Exchanges.VoiceAudit}.";
            operation["bindings"] = new JsonObject
            {
                ["amqp"] = new JsonObject
                {
                    ["deliveryMode"] = 2, ["mandatory"] = true, ["timestamp"] = true, ["bindingVersion"] = "0.3.0",
                },
            };
        }

        return operation;
    }

    private static JsonObject ByName(IEnumerable<ContractMessage> messages, Func<ContractMessage, JsonObject> write) =>
        new(messages.Select(message => KeyValuePair.Create(message.Name, (JsonNode?)write(message))));

    private static IEnumerable<ContractMessage> AuditEvents =>
        ContractMessage.All.Where(message => message.Example is AuditEvent);

    private static string ChannelOf(ContractMessage message) =>
        char.ToLowerInvariant(message.Name[0]) + message.Name[1..];

    private static JsonObject Reference(string path) => new() { ["$ref"] = path };
}
