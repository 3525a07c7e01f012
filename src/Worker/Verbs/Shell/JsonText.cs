using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using VoiceWorker.Persistence;

namespace VoiceWorker.Verbs.Shell;

/// <summary>JSON as text that no terminal is steered by, wherever it goes.</summary>
internal static class JsonText
{
    // No page of HTML: O'Brien, + and é stay what they are.
    private static readonly JsonSerializerOptions OnOne =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions OverSeveral = new(OnOne) { WriteIndented = true };

    /// <summary>On one line.</summary>
    public static string Line(JsonNode node) => Escape(node.ToJsonString(OnOne));

    /// <summary>Over several lines.</summary>
    public static string Indented(JsonNode node) => Escape(node.ToJsonString(OverSeveral));

    // The encoder lets pass what turns text around; escaped as \uNNNN it means the same in JSON.
    private static string Escape(string json) => PeerText.Escape(json, keepLines: true);
}
