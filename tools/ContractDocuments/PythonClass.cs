using System.Text;
using System.Text.Json.Nodes;

namespace VoiceWorker.ContractDocuments;

/// <summary>A message, or a record in one, as a dataclass of Python.</summary>
/// <param name="Name">Of the record.</param>
/// <param name="Schema">What its schema says.</param>
/// <param name="Fields">In the order in which they are written.</param>
/// <param name="Exchange">Where it is published, if it is.</param>
/// <param name="Sender">Who writes it.</param>
internal sealed record PythonClass(
    string Name, JsonObject Schema, IReadOnlyList<PythonField> Fields, string? Exchange, Sender Sender)
{
    /// <summary>The enumerations of its fields, with their values as literals.</summary>
    public IEnumerable<KeyValuePair<string, IEnumerable<string>>> Enumerations =>
        from one in Fields
        where one.Enumeration is not null
        select KeyValuePair.Create(
            one.Enumeration!.Name,
            one.Schema["enum"]!.AsArray().Where(value => value is not null).Select(value => PythonText.Quoted((string)value!)));

    /// <summary>Its definition.</summary>
    public string Text
    {
        get
        {
            var text = new StringBuilder("\n\n@dataclass(frozen=True, slots=True, kw_only=True)\n");
            text.Append($"class {Name}:\n");
            text.Append(PythonText.Wrapped((string)Schema["description"]!, "    \"\"\"", "    ")).Append('\n');
            text.Append("    Attributes:\n");
            foreach (var one in Fields)
                text.Append(PythonText.Wrapped(one.About, $"        {one.Name}: ", "            "));
            text.Append("    \"\"\"\n\n");
            if (Exchange is not null)
                text.Append($"    EXCHANGE: ClassVar[str] = \"{Exchange}\"\n\n");
            foreach (var one in Fields)
                text.Append($"    {one.Declaration}\n");
            return text.Append(Sender is Sender.Producer ? Writer() : Reader()).ToString();
        }
    }

    private string Reader()
    {
        var text = new StringBuilder();
        text.Append("\n    @classmethod\n");
        text.Append($"    def from_json(cls, body: Mapping[str, Any]) -> {Name}:\n");
        text.Append("        \"\"\"From the parsed JSON; fields that are not known are ignored.\"\"\"\n");
        text.Append("        return cls(\n");
        foreach (var field in Fields)
            text.Append($"            {field.Name}={field.Read},\n");
        return text.Append("        )\n").ToString();
    }

    private string Writer()
    {
        var text = new StringBuilder();
        text.Append("\n    def to_json(self) -> dict[str, object]:\n");
        text.Append("        \"\"\"What is sent, for json.dumps; instants need an offset.\"\"\"\n");
        text.Append("        return {\n");
        foreach (var field in Fields)
            text.Append($"            \"{field.Field.Name}\": {field.Write},\n");
        return text.Append("        }\n").ToString();
    }
}
