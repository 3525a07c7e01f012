using System.Text.RegularExpressions;

namespace VoiceWorker.Tests.Repository.Source;

/// <summary>Each room uses only the rooms below it; those of one line do not use each other.</summary>
public sealed partial class FloorsTests
{
    internal static readonly string[] Floors =
    [
        "Verbs", "WebConsole",
        "Verbs.Acts Verbs.Audit Verbs.DeadLetters Verbs.Doctor Verbs.Status Verbs.Completion Verbs.Consuming Verbs.Voice Verbs.Stub",
        "Verbs.Shell", "Boot",
        "Calls Changes", "DeadLetters Retention", "Bus Relay", "Servers", "Commit", "Observability Health", "Voices",
        "Persistence.Verification", "Persistence.Calls Persistence.Businesses Persistence.Schema", "Persistence.Audit",
        "Persistence.Retention Persistence", "Contracts",
    ];

    private static readonly Dictionary<string, int> FloorOf = Floors
        .SelectMany((rooms, floor) => rooms.Split(' ').Select(room => (room, floor))).ToDictionary();

    private static readonly (string Room, string Code)[] Files =
        [.. RepositoryFiles.FilesBelow("src").Where(file => file.EndsWith(".cs", StringComparison.Ordinal))
            .Select(file => NotCode().Replace(RepositoryFiles.Read(file), ""))
            .Select(code => (RoomOf(OwnNamespace().Match(code).Groups[1].Value), code)).Where(file => file.Item1 != "")];

    [Fact]
    public void No_room_uses_one_above_it_or_beside_it() => Assert.Empty(
        from file in Files
        from used in Used().Matches(file.Code).Select(used => RoomOf(used.Groups[1].Value))
        where used != "" && used != file.Room && FloorOf[used] <= FloorOf[file.Room]
        select $"{file.Room} → {used}");

    // Inner namespaces see the types of outer ones without a using.
    [Fact]
    public void No_room_of_a_verb_names_a_type_of_the_room_around_it()
    {
        var around = Files.Where(file => file.Room == "Verbs").SelectMany(file => Type().Matches(file.Code)).Select(type => type.Groups[1].Value).ToHashSet();

        Assert.NotEmpty(around);
        Assert.DoesNotContain(
            Files.Where(file => file.Room.StartsWith("Verbs.", StringComparison.Ordinal)).SelectMany(file => Word().Matches(Used().Replace(file.Code, ""))),
            word => around.Contains(word.Value));
    }

    // Contracts is one room with its two parts; an alias ends with a type; what is in no room, as Program, is left out.
    private static string RoomOf(string name) => name.Length == 0 || FloorOf.ContainsKey(name)
        ? name : RoomOf(name[..Math.Max(0, name.LastIndexOf('.'))]);

    [GeneratedRegex("//.*|\"(?:[^\"\\\\\n]|\\\\.)*\"|using System[.\\w]*;")]
    private static partial Regex NotCode();

    [GeneratedRegex(@"^namespace VoiceWorker\.?([\w.]*);", RegexOptions.Multiline)]
    private static partial Regex OwnNamespace();

    [GeneratedRegex(@"\busing (?:static )?(?:\w+ = )?VoiceWorker\.([\w.]+);")]
    private static partial Regex Used();

    [GeneratedRegex(@"\b(?:class|record|struct|enum|interface) (\w+)")]
    private static partial Regex Type();

    [GeneratedRegex(@"\b[A-Z]\w+\b")]
    private static partial Regex Word();
}
