using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using VoiceWorker.DeadLetters;
using VoiceWorker.Verbs.DeadLetters;

namespace VoiceWorker.WebConsole.Live;

/// <summary>Dead letters that were read: in memory what a list shows, in a file without a name what one of them
/// is.</summary>
internal sealed class LetterSet(LetterCounts counts)
{
    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);
    private readonly List<Entry> _entries = [];
    private readonly FileStream _file = Create();
    private long _end;
    private string? _mark;

    /// <summary>How many there were when reading began.</summary>
    public LetterCounts Counts => counts;

    /// <summary>All of them, by queue and reason.</summary>
    public DeadLetterGroups Groups { get; } = new();

    /// <summary>How long reading took.</summary>
    public TimeSpan Took { get; private set; }

    public int Count => _entries.Count;

    /// <summary>One more.</summary>
    public async Task AddAsync(DeadLetter letter, CancellationToken cancellationToken)
    {
        var line = Encoding.UTF8.GetBytes(DeadLetterDiscard.LineOf(letter));
        await RandomAccess.WriteAsync(_file.SafeFileHandle, line, _end, cancellationToken);
        var summary = DeadLetterSummary.Of(letter);
        summary = summary with
        {
            Reason = Once(summary.Reason), Producer = Once(summary.Producer), BusinessId = Once(summary.BusinessId),
        };
        Groups.Add(summary);
        _entries.Add(new(summary, letter.Origin, _end, line.Length));
        _end += line.Length;
    }

    /// <summary>No more are added.</summary>
    public void Complete(TimeSpan took)
    {
        Took = took;
        _texts.Clear();
        _entries.Sort((one, other) => one.Summary.CompareTo(other.Summary));
    }

    /// <summary>Those that are meant, the oldest first.</summary>
    public IReadOnlyList<Entry> Find(DeadLetterFilter which) =>
        which == new DeadLetterFilter() ? _entries
            : _entries.FindAll(entry => which.Matches(entry.Summary, entry.Origin));

    /// <summary>One with everything.</summary>
    public async Task<JsonObject> ReadAsync(Entry entry, CancellationToken cancellationToken) =>
        JsonNode.Parse(await LineAsync(entry, cancellationToken))!.AsObject();

    /// <summary>The same as a line of a file.</summary>
    public async Task<byte[]> LineAsync(Entry entry, CancellationToken cancellationToken)
    {
        var line = new byte[entry.Length];
        await RandomAccess.ReadAsync(_file.SafeFileHandle, line, entry.Offset, cancellationToken);
        return line;
    }

    /// <summary>The same of letters that were found here.</summary>
    public string MarkOf(IReadOnlyList<Entry> found) => found == _entries
        ? _mark ??= MarkOf(_entries.Select(entry => entry.Summary.Id))
        : MarkOf(found.Select(entry => entry.Summary.Id));

    /// <summary>A name for exactly these letters: whoever has seen them means no others.</summary>
    public static string MarkOf(IEnumerable<string> ids) => Convert.ToHexStringLower(SHA256.HashData(
        Encoding.ASCII.GetBytes(string.Join(' ', ids.Order(StringComparer.Ordinal)))))[..16];

    // Of a hundred thousand letters most say the same.
    private string? Once(string? text) => text is null ? null
        : _texts.TryGetValue(text, out var known) ? known : _texts[text] = text;

    // Bodies are nobody else's business: it has no name as soon as it is open.
    private static FileStream Create()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, BufferSize = 0,
            Options = FileOptions.DeleteOnClose | FileOptions.RandomAccess,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var file = new FileStream(path, options);
        if (!OperatingSystem.IsWindows())
            File.Delete(path);
        return file;
    }

    /// <summary>A letter and its place in the file.</summary>
    internal sealed record Entry(DeadLetterSummary Summary, string Origin, long Offset, int Length);
}
