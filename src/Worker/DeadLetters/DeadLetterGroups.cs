using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace VoiceWorker.DeadLetters;

/// <summary>Dead letters by queue and reason: one line for what has one cause.</summary>
internal sealed partial class DeadLetterGroups
{
    private readonly Dictionary<(string Queue, string Reason), DeadLetterGroup> _groups = [];

    /// <summary>How many there are of all kinds.</summary>
    public long Count { get; private set; }

    /// <summary>The largest first.</summary>
    public IEnumerable<DeadLetterGroup> Largest => _groups.Values
        .OrderByDescending(group => group.Count).ThenBy(group => group.Queue, StringComparer.Ordinal)
        .ThenBy(group => group.Reason, StringComparer.Ordinal);

    public async Task AddAsync(IAsyncEnumerable<DeadLetter> letters)
    {
        await foreach (var letter in letters)
            Add(DeadLetterSummary.Of(letter));
    }

    public void Add(DeadLetterSummary letter)
    {
        Count++;
        var reason = ReasonOf(letter.Reason);
        var group = _groups.TryGetValue((letter.Queue, reason), out var known) ? known
            : new DeadLetterGroup(letter.Queue, reason, 0, null, null, letter.Id);
        _groups[(letter.Queue, reason)] = group with
        {
            Count = group.Count + 1,
            Oldest = group.Oldest is null || letter.DiedAt < group.Oldest ? letter.DiedAt : group.Oldest,
            Latest = group.Latest is null || letter.DiedAt > group.Latest ? letter.DiedAt : group.Latest,
        };
    }

    /// <summary>What letters of one group have in common: lengths and places differ and are no cause.</summary>
    public static string ReasonOf(string? reason) =>
        reason is null ? "unknown" : Lengths().Replace(Places().Replace(reason, ""), "");

    [GeneratedRegex(@"; stopped at line \d+, byte \d+")]
    private static partial Regex Places();

    [GeneratedRegex(@" \(was \d+ characters\)")]
    private static partial Regex Lengths();
}

/// <summary>What lies in one queue for one reason.</summary>
/// <param name="Reason">Why, without what differs from message to message.</param>
/// <param name="Count">How many.</param>
/// <param name="Oldest">Time of the first death; null when it is not known.</param>
/// <param name="Latest">Time of the last.</param>
/// <param name="Example">The id of one of them.</param>
internal sealed record DeadLetterGroup(
    string Queue, string Reason, long Count, DateTimeOffset? Oldest, DateTimeOffset? Latest, string Example)
{
    public JsonObject ToJson() => new()
    {
        ["queue"] = Queue,
        ["reason"] = Reason,
        ["count"] = Count,
        ["oldest"] = Format(Oldest),
        ["latest"] = Format(Latest),
        ["example"] = Example,
    };

    private static string? Format(DateTimeOffset? instant) =>
        instant?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
}
