using System.Text;
using System.Text.Json.Nodes;

namespace VoiceWorker.WebConsole.Acts;

/// <summary>The bytes of a letter that was kept as JSON.</summary>
internal static class LetterBody
{
    public static byte[] Of(JsonObject letter) => letter["body"] is { } text
        ? Encoding.UTF8.GetBytes((string)text!) : Convert.FromBase64String((string)letter["bodyBase64"]!);
}
