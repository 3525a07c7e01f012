namespace VoiceWorker.Tests.Repository.Source;

/// <summary>.editorconfig's max_line_length, which no analyzer holds. The tests are not that far yet.</summary>
public sealed class LinesTests
{
    private const int Longest = 120;

    [Fact]
    public void No_line_of_the_source_is_longer_than_120_columns() => Assert.Empty(
        from file in RepositoryFiles.FilesBelow("src")
        where Path.GetExtension(file) is ".cs" or ".sql" or ".csproj"
        from line in RepositoryFiles.Read(file).Split('\n').Index()
        where line.Item.Length > Longest
        select $"{file}:{line.Index + 1}");
}
