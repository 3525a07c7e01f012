using System.Text.RegularExpressions;

namespace VoiceWorker.Tests.Repository.Source;

/// <summary>What pages show is text, whoever wrote it: there is no way in the console to write markup of others.</summary>
public sealed partial class MarkupTests
{
    private static readonly string[] Files = [.. RepositoryFiles.FilesBelow("src/Worker/Console")];

    [Fact]
    public void No_page_writes_markup_that_is_not_its_own()
    {
        Assert.Contains(Files, file => file.EndsWith(".razor", StringComparison.Ordinal));
        Assert.Contains(Files, file => file.EndsWith(".js", StringComparison.Ordinal));

        Assert.Empty(from file in Files
                     from used in Raw().Matches(RepositoryFiles.Read(file))
                     select $"{file}: {used.Value}");
    }

    [GeneratedRegex(@"MarkupString|AddMarkupContent|HtmlString|Html\.Raw|insertAdjacentHTML|(?:inner|outer)HTML\s*=[^=]|document\.write|\beval\b|new Function")]
    private static partial Regex Raw();
}
