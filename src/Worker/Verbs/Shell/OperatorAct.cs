using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence;

namespace VoiceWorker.Verbs.Shell;

/// <summary>What an operator does by a verb, counted as it goes on, and recorded when it ends.</summary>
/// <param name="name">Who.</param>
/// <param name="verb">Such as <c>dead-letters replay</c>.</param>
/// <param name="filter">What was asked for.</param>
/// <param name="note">Why, in the operator's words.</param>
internal sealed class OperatorAct(
    string name, string verb, IReadOnlyDictionary<string, string> filter, string? note)
{
    private const string NoteName = "--note";

    // How it is told and whether questions are asked is no part of what was done.
    private static readonly string[] NotAsked = [NoteName, "--json", "--yes"];

    private readonly Dictionary<string, string> _filter = new(filter, StringComparer.Ordinal);
    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);

    /// <summary>Why, in the operator's words; null when nothing is said.</summary>
    public string? Note => note;

    /// <summary>Who acts.</summary>
    public string Operator => name;

    private bool HasEffect => _counts.Values.Any(count => count > 0);

    /// <summary>How many of what, so far.</summary>
    public long this[string what]
    {
        set => _counts[what] = value;
    }

    /// <summary>Records something else in the place of what was asked for, such as what must not be kept.</summary>
    public void Record(string what, IEnumerable<string> instead) => _filter[what] = ValueOf(instead);

    /// <summary>The option for its note.</summary>
    public static Option<string?> NoteOption() =>
        new Option<string?>(NoteName) { Description = "Why, for the record of what operators do" }.Needs(
            $"1–{OperatorActed.MaxNoteLength} printable characters, no line break and no other control character",
            text => PrintableText.Is(text, OperatorActed.MaxNoteLength) ? text : null);

    /// <summary>As it was asked for on the command line.</summary>
    /// <param name="note">The option for its note.</param>
    /// <param name="words">What was given without an option, by what it is; what is empty was not.</param>
    /// <exception cref="SettingsException">The operating system's names of who asks cannot be recorded.</exception>
    public static OperatorAct Of(
        ParseResult given, Option<string?> note, params (string What, IReadOnlyList<string> Given)[] words) => new(
        OperatorName.OfProcess(), NameOf(given.CommandResult),
        given.CommandResult.Children.OfType<OptionResult>()
            .Where(one => !one.Implicit && !NotAsked.Contains(one.Option.Name))
            .Select(one => (What: one.Option.Name.TrimStart('-'), Value: ValueOf(one)))
            .Concat(words.Where(one => one.Given.Count > 0).Select(one => (one.What, Value: ValueOf(one.Given))))
            .ToDictionary(one => one.What, one => one.Value, StringComparer.Ordinal),
        given.GetValue(note));

    /// <summary>Does it and records how it ended; standard error says why that cannot be recorded. A selection that
    /// finds nothing of that name is no act.</summary>
    /// <param name="act">Returns the exit code.</param>
    /// <param name="onlyWithEffect">Whether it can turn out to be done already, and is no act then.</param>
    public Task<int> RunAsync(IServiceProvider services, Func<Task<int>> act, bool onlyWithEffect = false) =>
        RunAsync(services, act, ResultOf, TellAsync, onlyWithEffect);

    /// <summary>The same for whoever has no terminal.</summary>
    /// <param name="judge">How an act ended that returned.</param>
    /// <param name="tell">Gets the reason when the act cannot be recorded.</param>
    public async Task<T> RunAsync<T>(
        IServiceProvider services, Func<Task<T>> act, Func<T, OperatorActResult> judge, Func<string, Task> tell,
        bool onlyWithEffect = false)
    {
        OperatorActResult? result = OperatorActResult.Failed;
        try
        {
            var done = await act();
            result = judge(done);
            return done;
        }
        catch (SettingsException)
        {
            result = null;
            throw;
        }
        finally
        {
            if (result is { } ended && (HasEffect || !onlyWithEffect)
                && await ActRecorder.RecordAsync(services, ToEvent(ended)) is { } obstacle)
                await tell(obstacle);
        }
    }

    /// <summary>As it is recorded, without id and time.</summary>
    public OperatorActed ToEvent(OperatorActResult result) => new()
    {
        Operator = name, Verb = verb, Filter = _filter, Note = note, Result = result,
        Counts = new Dictionary<string, long>(_counts, StringComparer.Ordinal),
    };

    private static async Task TellAsync(string obstacle)
    {
        foreach (var line in Terminal.Wrap(obstacle, Terminal.Width))
            await Console.Error.WriteLineAsync(line);
    }

    private static OperatorActResult ResultOf(int code) => code switch
    {
        ExitCode.Ok => OperatorActResult.Done,
        ExitCode.NotReplayed => OperatorActResult.Incomplete,
        ExitCode.Interrupted => OperatorActResult.Interrupted,
        _ => OperatorActResult.Failed,
    };

    // Without the name of the program.
    private static string NameOf(CommandResult given) =>
        given.Parent is CommandResult { Parent: not null } group
            ? $"{NameOf(group)} {given.Command.Name}" : given.Command.Name;

    private static string ValueOf(OptionResult given) => given.Tokens.Count == 0
        ? "true" : ValueOf(given.Tokens.Select(token => token.Value));

    private static string ValueOf(IEnumerable<string> given) => PeerText.Line(string.Join(", ", given));
}

/// <summary>Who runs this process.</summary>
internal static class OperatorName
{
    /// <summary>Of whom no name is known.</summary>
    public const string Nobody = "unknown";

    public static string OfProcess() => Of(Environment.UserName, Environment.MachineName);

    /// <summary><c>anna@host</c>.</summary>
    /// <exception cref="SettingsException">It is longer than a record has room for, or not printable.</exception>
    public static string Of(string user, string host)
    {
        // A user of a container can have a number and no name.
        var name = $"{(user.Length == 0 ? Nobody : user)}@{host}";
        return IsRecordable(name) ? name : throw new SettingsException(
            $"The names of user and host, '{PeerText.Line(name)}', cannot be recorded: together they need at most "
            + $"{OperatorActed.MaxOperatorLength} printable characters, no control characters.");
    }

    /// <summary>Whether a record has room for a name and it can be read there.</summary>
    public static bool IsRecordable(string name) => PrintableText.Is(name, OperatorActed.MaxOperatorLength);
}

/// <summary>Text of an operator that is kept.</summary>
internal static class PrintableText
{
    /// <summary>Whether it has something to be read, and nothing that steers a terminal or cannot be stored.</summary>
    /// <param name="longest">Characters at most, counted as PostgreSQL does.</param>
    public static bool Is(string text, int longest) => !string.IsNullOrWhiteSpace(text)
        && text.EnumerateRunes().Take(longest + 1).Count() <= longest && text.EnumerateRunes().All(IsPrintable);

    // Half of a surrogate pair is read as the replacement character.
    private static bool IsPrintable(Rune rune) => rune != Rune.ReplacementChar && Rune.GetUnicodeCategory(rune) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
        or UnicodeCategory.ParagraphSeparator);
}
