using System.Text.RegularExpressions;

namespace VoiceWorker.Tests.Repository.Source;

/// <summary>A test's name is a sentence that a failed run can print on one line.</summary>
public sealed partial class TestNamesTests
{
    private const int Longest = 80;

    [Fact]
    public void No_name_of_a_test_is_longer_than_80_characters()
    {
        var names = RepositoryFiles.FilesBelow("tests")
            .Where(file => file.EndsWith(".cs", StringComparison.Ordinal))
            .SelectMany(file => Test().Matches(RepositoryFiles.Read(file)))
            .Select(test => test.Groups[1].Value).ToList();

        Assert.NotEmpty(names);
        Assert.DoesNotContain(names, name => name.Length > Longest);
    }

    // An attribute ends the line before; others may stand between.
    [GeneratedRegex(@"\[(?:Fact|Theory)[^\n]*\n(?:\s*\[.*\n|\s*//.*\n|\s{8,}.*\n)*?\s*public (?:async )?\w+ (\w+)\(")]
    private static partial Regex Test();
}
