using System.Text.Json;
using System.Text.Json.Nodes;

namespace VoiceWorker.Verbs;

/// <summary>JSON for scripts, on standard output.</summary>
internal static class JsonScreen
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>One document over several lines.</summary>
    public static void Write(JsonNode node) => Console.WriteLine(Text(node));

    /// <summary>The same, as text.</summary>
    public static string Text(JsonNode node) => node.ToJsonString(Indented);

    /// <summary>One array, each as it is read: there can be very many.</summary>
    public static async Task<long> WriteArrayAsync(IAsyncEnumerable<JsonObject> elements)
    {
        var count = 0L;
        await foreach (var element in elements)
            await Console.Out.WriteAsync($"{(count++ == 0 ? "[" : ",")}\n{Text(element)}");
        Console.WriteLine(count == 0 ? "[]" : "\n]");
        return count;
    }
}
