using System.Text.RegularExpressions;

namespace VoiceWorker.WebConsole.Parts;

/// <summary>What to do about something: words, and SQL that can be copied as it is.</summary>
/// <param name="Words">Without the SQL; null when there are none.</param>
/// <param name="Sql">A statement on each line; null when there is none.</param>
internal sealed partial record Remedy(string? Words, string? Sql)
{
    /// <summary>Tells the two apart: SQL begins with its verb, and words behind it with a dash.</summary>
    public static Remedy Of(string text)
    {
        if (Statement().Match(text) is not { Success: true } begin)
            return new(text, null);
        var (before, rest) = (text[..begin.Index], text[begin.Index..]);
        var dash = rest.IndexOf(" — ", StringComparison.Ordinal);
        var (sql, behind) = dash < 0 ? (rest, "") : (rest[..dash], rest[(dash + 3)..]);
        var words = $"{before.Trim()} {behind.Trim()}".Trim();
        return new(words.Length == 0 ? null : words, Lines(sql));
    }

    // With the semicolons that a list of grants has between its members only.
    private static string Lines(string sql)
    {
        var lines = Next().Replace(sql.Trim(), ";\n");
        return lines.EndsWith(';') || lines.Contains("--", StringComparison.Ordinal) ? lines : lines + ";";
    }

    [GeneratedRegex(@"\b(GRANT|REVOKE|(CREATE|DROP|ALTER) (POLICY|TABLE|ROLE|SCHEMA|FUNCTION|PUBLICATION)) ")]
    private static partial Regex Statement();

    [GeneratedRegex(@";\s+(?=(GRANT|REVOKE|CREATE|DROP|ALTER) )")]
    private static partial Regex Next();
}
