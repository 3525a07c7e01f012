using System.Text;

namespace VoiceWorker.Tests.Repository.Source;

/// <summary>What no analyzer holds: .editorconfig's max_line_length, and the characters of SQL. The tests' lines are not that far yet.</summary>
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

    // A server whose encoding is not UTF-8 refuses a character that it does not have, and with it the whole file.
    [Fact]
    public void Sql_is_ASCII() => Assert.Empty(
        from file in RepositoryFiles.FilesBelow("src").Append("docs/roles.sql").Append("docs/migration-58-down.sql")
        where Path.GetExtension(file) is ".sql"
        from line in RepositoryFiles.Read(file).Split('\n').Index()
        where !Ascii.IsValid(line.Item)
        select $"{file}:{line.Index + 1}");
}
