using System.Globalization;
using System.Text.Json.Nodes;

namespace VoiceWorker.Client.Conformance;

/// <summary>Lines of JSON, one at a time.</summary>
internal static class Output
{
    private static readonly Lock Lock = new();

    public static void Write(JsonObject line)
    {
        var text = line.ToJsonString();
        lock (Lock)
        {
            Console.Out.WriteLine(text);
            Console.Out.Flush();
        }
    }

    public static string Text(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);
}
