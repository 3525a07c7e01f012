using System.Globalization;
using System.Text.Json.Nodes;
using VoiceWorker.DeadLetters;
using VoiceWorker.Observability;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.DeadLetters;

/// <summary>Dead letters for people: plain columns, which stay whole when they are piped.</summary>
internal static class DeadLetterScreen
{
    private const int LongestReason = 100;
    private const int Page = 1000;

    private static readonly string[] Titles = ["QUEUE", "ID", "AGE", "BUSINESS", "CALL", "SIZE", "REASON"];

    /// <summary>Columns as wide as the first thousand need; later ones widen them.</summary>
    public static async Task WriteListAsync(IAsyncEnumerable<JsonObject> letters, DateTimeOffset now)
    {
        var (rows, count, widths) = (new List<string[]> { Titles }, 0, new int[Titles.Length]);
        await foreach (var letter in letters)
        {
            rows.Add(RowOf(letter, now));
            if (++count % Page == 0)
                WriteRows(rows, widths);
        }

        if (count > 0)
            WriteRows(rows, widths);
        Console.WriteLine(count == 1 ? "1 dead letter" : $"{count} dead letters");
    }

    private static void WriteRows(List<string[]> rows, int[] widths)
    {
        for (var column = 0; column < widths.Length; column++)
            widths[column] = rows.Select(row => row[column].Length).Append(widths[column]).Max();
        foreach (var row in rows)
            Console.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        rows.Clear();
    }

    /// <summary>With the body: showing it is what the operator asked for.</summary>
    public static void WriteFull(DeadLetter letter)
    {
        foreach (var (name, value) in DeadLetterJson.Summary(letter))
            WriteLine(name, value);
        WriteLine("origin", letter.Origin);
        foreach (var (name, value) in DeadLetterJson.Properties(letter.Message.BasicProperties))
            WriteLine(name, value);
        foreach (var (name, value) in DeadLetterJson.Headers(letter.Message.BasicProperties.Headers))
            WriteLine($"header {name}", value);
        Console.WriteLine();
        Console.WriteLine(PlainText.Of(letter.Message.Body.Span));
    }

    public static void WriteOutcome(string done, JsonArray settled, JsonArray stay, bool json)
    {
        foreach (var letter in stay)
            Console.Error.WriteLine($"{letter!["id"]} stays in {letter["queue"]}: {letter["obstacle"]}");
        if (json)
            JsonScreen.Write(new JsonObject { [done] = settled, ["stay"] = stay });
        else
            Console.WriteLine(
                stay.Count == 0 ? $"{settled.Count} {done}" : $"{settled.Count} {done}, {stay.Count} stay");
    }

    private static string[] RowOf(JsonObject letter, DateTimeOffset now) =>
    [
        Cell(letter["queue"]), Cell(letter["id"]), AgeOf(letter["diedAt"], now), Cell(letter["businessId"]),
        Cell(letter["callId"]),
        Cell(letter["size"]), Cell(letter["reason"], LongestReason),
    ];

    private static string AgeOf(JsonNode? diedAt, DateTimeOffset now)
    {
        if (diedAt is null)
            return "-";
        var age = now - DateTimeOffset.Parse((string)diedAt!, CultureInfo.InvariantCulture);
        return age.TotalMinutes < 1 ? $"{Math.Max(0, (int)age.TotalSeconds)}s"
            : age.TotalHours < 1 ? $"{(int)age.TotalMinutes}m"
            : age.TotalDays < 1 ? $"{(int)age.TotalHours}h" : $"{(int)age.TotalDays}d";
    }

    private static string Cell(JsonNode? value, int longest = int.MaxValue)
    {
        var text = value?.ToString() ?? "-";
        return PlainText.Escape(text.Length > longest ? text[..longest] + "…" : text);
    }

    private static void WriteLine(string name, JsonNode? value)
    {
        var text = value is JsonObject or JsonArray ? JsonScreen.Text(value) : value?.ToString() ?? "-";
        Console.WriteLine($"{PlainText.Escape(name)}: {PlainText.Escape(text, keepLines: true)}");
    }
}
