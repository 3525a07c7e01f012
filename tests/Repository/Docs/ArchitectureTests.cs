using System.Text.RegularExpressions;
using VoiceWorker.Tests.Repository.Source;

namespace VoiceWorker.Tests.Repository.Docs;

/// <summary>ARCHITECTURE.md against the code that it names.</summary>
public sealed partial class ArchitectureTests
{
    // Room, duty, type to read first.
    private static readonly List<string[]> Rooms = Page.Read("ARCHITECTURE.md").Section("Rooms").Rows("room");

    // Invariant, kept by, test.
    private static readonly List<string[]> Invariants =
        Page.Read("ARCHITECTURE.md").Section("Invariants").Rows("invariant");

    // The rooms of Verbs share a row.
    [Fact]
    public void Every_room_has_its_row_in_the_order_of_the_floors()
    {
        var rows = Rooms.Select(row => row[0].Replace("Worker/", "", StringComparison.Ordinal).Replace('/', '.'));
        var floors = FloorsTests.Floors.SelectMany(floor => floor.Split(' '))
            .Where(room => room != "Persistence" && !room.StartsWith("Verbs.", StringComparison.Ordinal));

        Assert.Equal(floors, rows);
    }

    [Fact]
    public void Every_type_that_the_tables_name_exists()
    {
        var types = TypesBelow("src");
        var named = Rooms.Select(row => row[2]).Concat(Invariants.Select(row => row[1]))
            .SelectMany(Page.Quoted).Where(name => TypeName().IsMatch(name));

        Assert.All(named, name => Assert.Contains(name.Split('.')[0], types));
    }

    [Fact]
    public void Every_test_that_the_invariants_name_exists()
    {
        var tests = TypesBelow("tests");

        Assert.All(Invariants, row => Assert.NotEmpty(Page.Quoted(row[2])));
        Assert.All(Invariants.SelectMany(row => Page.Quoted(row[2])), name => Assert.Contains(name, tests));
    }

    private static HashSet<string> TypesBelow(string folder) =>
    [
        .. RepositoryFiles.FilesBelow(folder).Where(IsCode)
            .SelectMany(file => Declaration().Matches(RepositoryFiles.Read(file))).Select(type => type.Groups[1].Value),
    ];

    private static bool IsCode(string file) => file.EndsWith(".cs", StringComparison.Ordinal);

    [GeneratedRegex(@"\b(?:class|record|struct|interface|enum) (?:struct |class )?(\w+)")]
    private static partial Regex Declaration();

    [GeneratedRegex(@"^[A-Z]\w+(?:\.[A-Z]\w+)?$")]
    private static partial Regex TypeName();
}
