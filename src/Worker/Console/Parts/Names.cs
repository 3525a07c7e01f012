namespace VoiceWorker.WebConsole.Parts;

/// <summary>Names of fields and values as words: <c>cameBack</c> is "came back".</summary>
internal static class Names
{
    /// <summary>In lower case, with spaces.</summary>
    public static string Words(string name) => string.Concat(name.Select((c, at) =>
        c is '-' or '_' ? " " : !char.IsUpper(c) ? c.ToString()
        : at == 0 ? char.ToLowerInvariant(c).ToString() : $" {char.ToLowerInvariant(c)}"));

    /// <summary>Each with its words, to be picked from.</summary>
    public static IReadOnlyList<(string Value, string Text)> Choices(IEnumerable<string> names) =>
        [.. names.Select(name => (name, Words(name)))];
}
