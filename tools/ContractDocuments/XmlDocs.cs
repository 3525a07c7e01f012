using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using VoiceWorker.Contracts;

namespace VoiceWorker.ContractDocuments;

/// <summary>The XML documentation of the contracts as plain text.</summary>
internal static partial class XmlDocs
{
    private static readonly Dictionary<string, XElement> Members = XDocument
        .Load(Path.ChangeExtension(typeof(CallStarted).Assembly.Location, ".xml"))
        .Descendants("member").ToDictionary(member => member.Attribute("name")!.Value);

    /// <summary>A type's summary.</summary>
    /// <param name="type">Of the contracts.</param>
    public static string OfType(Type type) => Text(Members["T:" + type.FullName].Element("summary")!);

    /// <summary>A field's summary, or what its record says of it as a parameter.</summary>
    /// <param name="type">The record.</param>
    /// <param name="field">One of its fields.</param>
    public static string OfMember(Type type, JsonPropertyInfo field)
    {
        var name = Record.Property(type, field).Name;
        for (var declaring = type; declaring is not null; declaring = declaring.BaseType)
        {
            if (Members.GetValueOrDefault($"P:{declaring.FullName}.{name}")?.Element("summary") is { } summary)
                return Text(summary);
        }

        return Text(Members["T:" + type.FullName].Elements("param")
            .Single(param => param.Attribute("name")!.Value == name));
    }

    private static string Text(XElement element)
    {
        var text = string.Concat(element.Nodes().Select(node => node switch
        {
            XText plain => plain.Value,
            XElement inner when inner.Attribute("cref") is { } reference => reference.Value.Split(':', '.')[^1],
            XElement inner => inner.Attribute("name")?.Value ?? inner.Value,
            _ => "",
        }));
        return Space().Replace(text, " ").Trim();
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
