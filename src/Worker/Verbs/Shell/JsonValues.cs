using System.Globalization;
using System.Text.Json.Nodes;

namespace VoiceWorker.Verbs.Shell;

/// <summary>Values of a document that was made here, whose nodes know only the type that they were made of.</summary>
internal static class JsonValues
{
    /// <summary>A number, whatever its type; null where there is none.</summary>
    public static double? Number(this JsonNode? node) =>
        node is null ? null : double.Parse(node.ToJsonString(), CultureInfo.InvariantCulture);

    /// <summary>The members of an array; none where there is none.</summary>
    public static IEnumerable<JsonNode> Rows(this JsonNode? node) => (node as JsonArray ?? []).OfType<JsonNode>();
}
