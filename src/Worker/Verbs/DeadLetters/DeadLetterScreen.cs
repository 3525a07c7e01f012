using System.Globalization;
using System.Text.Json.Nodes;
using VoiceWorker.Contracts.Validation;
using VoiceWorker.DeadLetters;
using VoiceWorker.Observability;
using VoiceWorker.Persistence;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.DeadLetters;

/// <summary>Dead letters for people: plain columns, which stay whole when they are piped.</summary>
internal static class DeadLetterScreen
{
    private const int LongestReason = 100;
    private const int LongestCall = 24;

    public static void WriteList(IEnumerable<DeadLetterSummary> letters, long count, DateTimeOffset now)
    {
        var table = new TextTable("ID", "AGE", "BUSINESS", "CALL", "SIZE", "QUEUE", "REASON");
        foreach (var letter in letters)
        {
            table.Add(letter.Id, AgeOf(letter.DiedAt, now), Cell(letter.BusinessId),
                Cell(letter.CallId, Terminal.Width == int.MaxValue ? int.MaxValue : LongestCall),
                letter.Size.ToString(CultureInfo.InvariantCulture), letter.Queue, Cell(letter.Reason, LongestReason));
        }

        table.Flush();
        Console.WriteLine(count == 1 ? "1 dead letter" : $"{count} dead letters");
    }

    public static void WriteGroups(DeadLetterGroups groups, DateTimeOffset now)
    {
        var (table, count) = (new TextTable("COUNT", "OLDEST", "LATEST", "EXAMPLE", "QUEUE", "REASON"), 0L);
        foreach (var group in groups.Largest)
        {
            table.Add(group.Count.ToString(CultureInfo.InvariantCulture), AgeOf(group.Oldest, now),
                AgeOf(group.Latest, now), group.Example, group.Queue, Cell(group.Reason));
            count += group.Count;
        }

        table.Flush();
        Console.WriteLine(count == 1 ? "1 dead letter" : $"{count} dead letters");
    }

    /// <summary>Why they failed again, and where one can be looked at.</summary>
    public static void WriteBack(Homecoming back)
    {
        foreach (var group in back.Groups.Largest)
            Console.WriteLine($"  {group.Count} in {group.Queue}, such as {group.Example}: {Cell(group.Reason)}");
    }

    /// <summary>With the body: showing it is what the operator asked for.</summary>
    public static void WriteFull(DeadLetter letter)
    {
        foreach (var (name, value) in DeadLetterSummary.Of(letter).ToJson())
            WriteLine(name, value);
        WriteLine("origin", letter.Origin);
        foreach (var (name, value) in DeadLetterJson.Properties(letter.Message.BasicProperties))
            WriteLine(name, value);
        foreach (var (name, value) in DeadLetterJson.Headers(letter.Message.BasicProperties.Headers))
            WriteLine($"header {name}", value);
        var body = DeadLetterBody.Of(letter.Origin, letter.Message.Body);
        var broken = body.Broken();
        Console.WriteLine();
        foreach (var line in Marked(body, broken))
            Console.WriteLine(line);
        Console.WriteLine();
        Console.WriteLine(PlainText.Of(letter.Message.Body.Span));
    }

    /// <summary>The fields of the contract, those that break it with their rule; and what is not of the
    /// contract.</summary>
    internal static IEnumerable<string> Marked(DeadLetterBody body, IReadOnlyList<BrokenRule> broken)
    {
        if (body.Message is not { } message)
            return ["> The body is no JSON object."];
        var rules = broken.ToLookup(rule => rule.Field);
        var fields = body.Fields.Select(field => Marked(field, message, rules[field].FirstOrDefault()));
        var others = message.Where(field => !body.Fields.Contains(field.Key)).Select(field =>
            $"  {PeerText.Escape(field.Key)}: {Value(field.Value)}  (not of the contract, ignored)");
        return [.. fields, .. others, broken.Count == 0
            ? "The body keeps the contract." : "> breaks the contract; dead-letters edit --set corrects it"];
    }

    private static string Marked(string field, JsonObject message, BrokenRule? rule)
    {
        var value = message.TryGetPropertyValue(field, out var given) ? Value(given) : "(missing)";
        return rule is null ? $"  {field}: {value}" : $"> {field}: {value}  <- {rule.Rule}"
            + (rule.Length is { } length ? $" (was {length} characters)" : "");
    }

    private static string Value(JsonNode? value) => value is null ? "null" : JsonScreen.Line(value);

    private static string AgeOf(DateTimeOffset? diedAt, DateTimeOffset now) =>
        diedAt is { } instant ? Terminal.Age(now - instant) : "-";

    private static string Cell(string? value, int longest = int.MaxValue)
    {
        var text = value ?? "-";
        return PeerText.Escape(text.Length > longest ? text[..longest] + "…" : text);
    }

    private static void WriteLine(string name, JsonNode? value)
    {
        var text = value is JsonObject or JsonArray ? JsonScreen.Text(value) : value?.ToString() ?? "-";
        Console.WriteLine($"{PeerText.Escape(name)}: {PeerText.Escape(text, keepLines: true)}");
    }
}
