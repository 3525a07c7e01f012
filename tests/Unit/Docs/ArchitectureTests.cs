namespace VoiceWorker.Tests.Unit.Docs;

public sealed class ArchitectureTests
{
    private static readonly string[] Folders = ["src", "tools", "tests", "demo", "bench", "deploy", "examples", "docs"];

    [Fact]
    public void Every_file_has_its_line_and_every_line_its_file()
    {
        var listed = ListedFiles().ToList();
        var present = Folders.SelectMany(Repository.FilesBelow).Where(file => !file.EndsWith("packages.lock.json", StringComparison.Ordinal));

        Assert.Equal(present.Order(StringComparer.Ordinal), listed.Where(file => file.Contains('/')).Where(file => !file.StartsWith('.')).Order(StringComparer.Ordinal));
        Assert.All(listed, file => Assert.True(File.Exists(Path.Combine(Repository.Root, file)), file));
    }

    [Fact]
    public void Every_test_that_the_invariants_name_exists()
    {
        var sources = string.Join('\n', Repository.FilesBelow("tests").Where(file => file.EndsWith(".cs", StringComparison.Ordinal)).Select(Repository.Read));
        var rows = Repository.Read("ARCHITECTURE.md").Split("## Invariants")[1].Split("## ")[0].Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(2);

        foreach (var test in rows.SelectMany(row => row.Split('|')[3].Split('`').Where((_, i) => i % 2 == 1)))
            Assert.Contains(test.TrimEnd('…'), sources, StringComparison.Ordinal);
    }

    // A folder's line ends in a slash; its files are indented below it.
    private static IEnumerable<string> ListedFiles()
    {
        var folder = "";
        foreach (var line in Repository.Read("ARCHITECTURE.md").Split("## Every file")[1].Split("```")[1].Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var name = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
            if (name.EndsWith('/'))
                folder = name;
            else
                yield return line.StartsWith("  ", StringComparison.Ordinal) ? folder + name : name;
        }
    }
}
