namespace VoiceWorker.Tests.Repository.Docs;

public sealed class ArchitectureTests
{
    [Fact]
    public void Every_test_that_the_invariants_name_exists()
    {
        var sources = string.Join('\n', RepositoryFiles.FilesBelow("tests").Where(file => file.EndsWith(".cs", StringComparison.Ordinal)).Select(RepositoryFiles.Read));
        var rows = RepositoryFiles.Read("ARCHITECTURE.md").Split("## Invariants")[1].Split("## ")[0].Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(2);

        foreach (var test in rows.SelectMany(row => row.Split('|')[3].Split('`').Where((_, i) => i % 2 == 1)))
            Assert.Contains(test.TrimEnd('…'), sources, StringComparison.Ordinal);
    }
}
