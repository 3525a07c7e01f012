using System.Globalization;
using System.Text;

namespace VoiceWorker.Persistence;

/// <summary>What a server, a producer or another session says, made fit for a log and a terminal.</summary>
public static class PeerText
{
    /// <summary>Characters of a line at most; no server's reason is as long.</summary>
    public const int Longest = 1_000;

    /// <summary>In one line of bounded length, without anything that steers a terminal.</summary>
    public static string Line(string text) => Cut(Escape(Cut(text)));

    /// <summary>Control and format characters as \uNNNN: they could move the cursor or turn the text around.</summary>
    /// <param name="keepLines">Whether line breaks and tabs stay.</param>
    public static string Escape(string text, bool keepLines = false)
    {
        if (text.All(c => IsHarmless(c, keepLines)))
            return text;
        var escaped = new StringBuilder(text.Length);
        foreach (var c in text)
            escaped.Append(IsHarmless(c, keepLines)
                ? c.ToString() : string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}"));
        return escaped.ToString();
    }

    private static string Cut(string text)
    {
        if (text.Length <= Longest)
            return text;
        // Not between the halves of a surrogate pair.
        var end = char.IsHighSurrogate(text[Longest - 2]) ? Longest - 2 : Longest - 1;
        return text[..end] + "…";
    }

    private static bool IsHarmless(char c, bool keepLines) => (keepLines && c is '\n' or '\t')
        || char.GetUnicodeCategory(c) is not (UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
