using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace VoiceWorker.ContractDocuments;

/// <summary>JSON for readers: indented, letters as they are, and what cannot be seen as an escape.</summary>
internal static class JsonText
{
    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Of(JsonNode node)
    {
        var text = new StringBuilder();
        foreach (var character in node.ToJsonString(Readable))
        {
            if (character is ' ' or '\n' || Characters.IsPrintable(character) && !char.IsWhiteSpace(character))
                text.Append(character);
            else
                text.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:X4}");
        }

        return text.Append('\n').ToString();
    }
}
