using System.Text;
using System.Text.Json.Nodes;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace VoiceWorker.Tests.Fixtures;

/// <summary>A message as it arrived.</summary>
public sealed record Delivery(byte[] Bytes, IReadOnlyBasicProperties Properties)
{
    public static Delivery Of(BasicDeliverEventArgs message) =>
        new(message.Body.ToArray(), new BasicProperties(message.BasicProperties));

    public string Body => Encoding.UTF8.GetString(Bytes);

    public JsonObject Json => JsonNode.Parse(Bytes)!.AsObject();

    public string Field(string name) => Json[name]?.ToString() ?? "";

    public string Header(string name) =>
        Properties.Headers?.TryGetValue(name, out var value) == true && value is byte[] text ? Encoding.UTF8.GetString(text) : "";
}
