using System.Text;
using System.Text.RegularExpressions;

namespace VoiceWorker.Tests.Repository.Docs;

/// <summary>A Markdown page as its readers see it: sections, tables, links.</summary>
internal sealed partial class Page(string file, string text)
{
    private static readonly string[] Folders = ["clients", "docs", "deploy", "examples", "src"];

    public static Page Read(string file) => new(file, RepositoryFiles.Read(file));

    /// <summary>Every page of the repository.</summary>
    public static IEnumerable<string> All() => Directory.EnumerateFiles(RepositoryFiles.Root, "*.md")
        .Select(file => Path.GetFileName(file))
        .Concat(Folders.SelectMany(RepositoryFiles.FilesBelow))
        .Where(file => file.EndsWith(".md", StringComparison.Ordinal));

    /// <summary>The part below a heading of any level, up to the next heading.</summary>
    public Page Section(string heading) =>
        new(file, Heading().Split(text).SkipWhile(part => part.Trim('`') != heading).ElementAt(1));

    /// <summary>The cells of the tables whose first column has this title.</summary>
    public List<string[]> Rows(string firstColumn)
    {
        var rows = new List<string[]>();
        var inside = false;
        foreach (var line in text.Split('\n'))
        {
            var isTable = line.StartsWith('|');
            inside = isTable && (inside || line.StartsWith($"| {firstColumn} |", StringComparison.Ordinal));
            if (inside)
                rows.Add([.. line.Trim('|').Split('|').Select(cell => cell.Trim())]);
        }

        return [.. rows.Where(row => row[0] != firstColumn && !row[0].StartsWith("---", StringComparison.Ordinal))];
    }

    /// <summary>What stands between backticks.</summary>
    public static IEnumerable<string> Quoted(string cell) => cell.Split('`').Where((_, i) => i % 2 == 1);

    /// <summary>Links within the repository that lead nowhere.</summary>
    public IEnumerable<string> BrokenLinks() => Link().Matches(text).Select(link => link.Groups[1].Value)
        .Where(target => !target.Contains("://", StringComparison.Ordinal) && !LeadsSomewhere(target))
        .Select(target => $"{file}: {target}");

    private bool LeadsSomewhere(string target)
    {
        var parts = target.Split('#');
        var path = parts[0].Length == 0 ? file : Path.Combine(Path.GetDirectoryName(file)!, parts[0]);
        var full = Path.Combine(RepositoryFiles.Root, path);
        return Path.Exists(full) && (parts.Length == 1 || Heading().Matches(File.ReadAllText(full))
            .Any(heading => AnchorOf(heading.Groups[1].Value) == parts[1]));
    }

    // As GitHub makes it.
    private static string AnchorOf(string heading)
    {
        var anchor = new StringBuilder();
        foreach (var c in heading.ToLowerInvariant().Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_'))
            anchor.Append(c == ' ' ? '-' : c);
        return anchor.ToString();
    }

    [GeneratedRegex(@"^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();
}
