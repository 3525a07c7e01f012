using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace VoiceWorker.ContractDocuments;

/// <summary>A message's JSON Schema: its record as it is written, the rules of its fields, their documentation.</summary>
internal static class MessageSchema
{
    /// <summary>As a document of its own, JSON Schema 2020-12.</summary>
    /// <param name="message">Any.</param>
    public static JsonObject Standalone(ContractMessage message)
    {
        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["$id"] = $"urn:voice-worker:schema:{message.Name}",
            ["title"] = message.Name,
        };
        foreach (var (keyword, value) in Of(message))
            schema[keyword] = value?.DeepClone();
        schema["examples"] = new JsonArray(message.ExampleJson);
        return schema;
    }

    /// <summary>As a part of another document: only keywords that mean the same in every draft from 7 on.</summary>
    /// <param name="message">Any.</param>
    public static JsonObject Of(ContractMessage message)
    {
        var schema = new JsonObject { ["description"] = XmlDocs.OfType(message.Json.Type) };
        var record = message.Json.GetJsonSchemaAsNode(new JsonSchemaExporterOptions
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = (context, node) => context.PropertyInfo is { } field
                ? Field(field, node, message) : IsPart(context) ? Part(context.TypeInfo, node) : node,
        }).AsObject();
        schema["type"] = "object";
        schema["properties"] = record["properties"]!.DeepClone();
        schema["required"] = new JsonArray([.. Required(message).Select(name => (JsonNode)name)]);
        return schema;
    }

    private static bool IsPart(JsonSchemaExporterContext context) =>
        context.Path.Length > 0 && context.TypeInfo.Kind is JsonTypeInfoKind.Object;

    // A record inside a message: the worker writes all of its fields.
    private static JsonObject Part(JsonTypeInfo type, JsonNode node) => new()
    {
        ["description"] = XmlDocs.OfType(type.Type),
        ["type"] = "object",
        ["properties"] = node["properties"]!.DeepClone(),
        ["required"] = new JsonArray([.. type.Properties.Select(field => (JsonNode)field.Name)]),
    };

    // The exporter says true, anything, of a type that has a converter of its own.
    private static JsonObject Field(JsonPropertyInfo field, JsonNode node, ContractMessage message)
    {
        var schema = new JsonObject { ["description"] = XmlDocs.OfMember(field.DeclaringType, field) };
        foreach (var keywords in new[] { node as JsonObject ?? [], FieldRules.Of(field.Name, message.Sender) })
        {
            foreach (var (keyword, value) in keywords)
                schema[keyword] = value?.DeepClone();
        }

        if (schema["enum"] is JsonArray names)
            schema["type"] ??= names.Contains(null) ? new JsonArray("string", "null") : "string";
        return schema;
    }

    // A producer may leave out what may be null; the worker leaves out what is marked, and writes null otherwise.
    private static IEnumerable<string> Required(ContractMessage message) =>
        from field in message.Json.Properties
        where message.Sender is Sender.Producer
            ? !field.IsSetNullable
            : !Record.Property(message.Json.Type, field).IsDefined(typeof(JsonIgnoreAttribute))
        select field.Name;
}
