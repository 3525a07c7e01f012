using System.Text;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using VoiceWorker.Contracts;

namespace VoiceWorker.ContractDocuments;

/// <summary>The messages as dataclasses of Python.</summary>
internal static class PythonMessages
{
    private const string Imports = """
        from collections.abc import Callable, Mapping
        from dataclasses import dataclass
        from datetime import datetime, timezone
        from typing import Any, ClassVar, Final, Literal, Union


        """;

    private const string Functions = """


        def _instant(text: str) -> datetime:
            return datetime.fromisoformat(text.replace("Z", "+00:00"))


        def _text(instant: datetime) -> str:
            return instant.astimezone(timezone.utc).isoformat()

        """;

    /// <summary>The module.</summary>
    public static string Text()
    {
        var classes = ContractMessage.All.SelectMany(Classes).DistinctBy(one => one.Name).ToList();
        var text = new StringBuilder(PythonText.Head("The messages of the Voice Worker: docs/messages.md says what they mean."));
        text.Append(Imports.ReplaceLineEndings("\n"));
        foreach (var (name, values) in classes.SelectMany(one => one.Enumerations).DistinctBy(one => one.Key))
            text.Append(PythonText.Wrapped($"{name} = Literal[{string.Join(", ", values)}]", "", "    "));
        text.Append(Functions.ReplaceLineEndings("\n"));
        foreach (var one in classes)
            text.Append(one.Text);
        return text.Append(Events()).ToString();
    }

    private static IEnumerable<PythonClass> Classes(ContractMessage message)
    {
        var schema = MessageSchema.Of(message);
        var whole = new PythonClass(message.Name, schema, Fields(message.Json, schema), message.Exchange, message.Sender);
        return whole.Fields.Where(field => field.Part is not null).Select(Part).Append(whole);
    }

    private static PythonClass Part(PythonField list)
    {
        var schema = list.Schema["items"]!.AsObject();
        return new PythonClass(list.Part!.Type.Name, schema, Fields(list.Part, schema), Exchange: null, Sender.Worker);
    }

    private static IReadOnlyList<PythonField> Fields(JsonTypeInfo type, JsonObject schema) =>
    [
        .. type.Properties.OrderBy(field => field.Order).Select(field => new PythonField(
            field, schema["properties"]![field.Name]!.AsObject(),
            schema["required"]!.AsArray().Any(name => (string)name! == field.Name))),
    ];

    private static string Events()
    {
        var names = Exchanges.OfAuditEvents.Keys.Select(type => type.Name).ToList();
        var text = new StringBuilder("\n\n");
        text.Append($"AuditEvent = Union[\n{string.Concat(names.Select(name => $"    {name},\n"))}]\n\n");
        text.Append("# By the AMQP type of the message.\n");
        text.Append("AUDIT_EVENTS: Final[Mapping[str, Callable[[Mapping[str, Any]], AuditEvent]]] = {\n");
        foreach (var name in names)
            text.Append($"    \"{name}\": {name}.from_json,\n");
        return text.Append("}\n").ToString();
    }
}
