using System.Text;
using System.Text.Json.Nodes;

namespace VoiceWorker.Verbs.Shell;

/// <summary>JSON for scripts and for people who read it, on standard output.</summary>
internal static class JsonScreen
{
    // JSON is UTF-8, whatever the terminal's locale would have text to be.
    static JsonScreen() => Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    /// <summary>One document over several lines.</summary>
    public static void Write(JsonNode node) => Console.WriteLine(Text(node));

    /// <summary>The same, as text.</summary>
    public static string Text(JsonNode node) => JsonText.Indented(node);

    /// <summary>One document on one line.</summary>
    public static string Line(JsonNode node) => JsonText.Line(node);

    /// <summary>One array, each as it is read: there can be very many.</summary>
    public static async Task<long> WriteArrayAsync(IAsyncEnumerable<JsonObject> elements)
    {
        var count = 0L;
        await foreach (var element in elements)
            await Console.Out.WriteAsync($"{(count++ == 0 ? "[" : ",")}\n{Text(element)}");
        Console.WriteLine(count == 0 ? "[]" : "\n]");
        return count;
    }

    /// <summary>One document a line, each as it is read.</summary>
    public static async Task<long> WriteLinesAsync(IAsyncEnumerable<JsonObject> documents)
    {
        var count = 0L;
        await foreach (var document in documents)
        {
            Console.WriteLine(Line(document));
            count++;
        }

        return count;
    }
}
