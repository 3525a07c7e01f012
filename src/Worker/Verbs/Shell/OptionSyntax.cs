using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using VoiceWorker.Persistence;

namespace VoiceWorker.Verbs.Shell;

/// <summary>What may be given for an option. Anything else is refused with the option, its rule and what was
/// given.</summary>
internal static class OptionSyntax
{
    private const int DefaultLimit = 50;
    private const DateTimeStyles AsUtc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
    private static readonly string[] InstantFormats =
        ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'"];

    /// <summary>An option that is there or not, and takes no value.</summary>
    public static Option<bool> Flag(string name, string description) =>
        new(name) { Description = description, Arity = ArgumentArity.Zero };

    /// <summary>How many of a list are shown, when nothing is said fifty.</summary>
    public static Option<int?> Limit() => new Option<int?>("--limit")
    {
        Description = "At most so many; 0 means all", DefaultValueFactory = _ => DefaultLimit,
    }.NeedsWhole(0, int.MaxValue);

    /// <summary>Refuses what cannot be read.</summary>
    /// <param name="option">Takes one value.</param>
    /// <param name="rule">What it needs, to be read after that word.</param>
    /// <param name="read">Null for what breaks the rule.</param>
    /// <param name="names">What may have been meant instead.</param>
    public static Option<T> Needs<T>(
        this Option<T> option, string rule, Func<string, T> read, params IReadOnlyCollection<string> names)
    {
        option.CustomParser = given =>
        {
            var text = given.Tokens[0].Value;
            if (!IsOption(text) && read(text) is { } value)
                return value;
            var instead = IsOption(text)
                ? "and has no value" : $"not '{PeerText.Line(text)}'{Spelling.DidYouMean(text, names)}";
            given.AddError($"{option.Name} needs {rule}, {instead}.");
            return default;
        };
        return option;
    }

    /// <summary>One of some names, in any case; the help lists them, and shells complete them.</summary>
    public static Option<string?> NeedsOneOf(this Option<string?> option, IReadOnlyCollection<string> names)
    {
        option.Description += $": {string.Join(", ", names)}";
        // In place of all names in one word, which no terminal has room for.
        option.HelpName = option.Name.TrimStart('-');
        option.CompletionSources.Add([.. names]);
        return option.Needs(
            $"one of {string.Join(", ", names)}",
            text => names.FirstOrDefault(name => name.Equals(text, StringComparison.OrdinalIgnoreCase)), names);
    }

    /// <summary>A whole number within limits, in plain digits.</summary>
    public static Option<int?> NeedsWhole(this Option<int?> option, int least, int most) => option.Needs<int?>(
        string.Create(CultureInfo.InvariantCulture, $"a whole number from {least} to {most}"), text =>
            int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                && number >= least && number <= most ? number : null);

    /// <summary>A number within limits, with a decimal point if with any.</summary>
    public static Option<double?> NeedsNumber(this Option<double?> option, double least, double most) =>
        option.Needs<double?>(string.Create(CultureInfo.InvariantCulture, $"a number from {least} to {most}"), text =>
            double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
                && number >= least && number <= most ? number : null);

    /// <summary>A day or an instant with its offset.</summary>
    public static Option<DateTimeOffset?> NeedsInstant(this Option<DateTimeOffset?> option) =>
        option.Needs(
            "a day such as 2026-01-31 or an instant with its offset such as 2026-01-31T09:30:00Z", ReadInstant);

    /// <summary>A time without an offset would mean another one on another machine; a bare day is that of
    /// UTC.</summary>
    public static DateTimeOffset? ReadInstant(string text) =>
        DateTimeOffset.TryParseExact(text, InstantFormats, CultureInfo.InvariantCulture, AsUtc, out var instant)
            ? instant : null;

    /// <summary>How many of the options were given.</summary>
    public static int CountOf(this CommandResult given, params Option[] options) =>
        options.Count(option => given.GetResult(option) is { Implicit: false });

    // What was to be a setting would be taken for the value of the option before it; and it can be a secret.
    private static bool IsOption(string text) => text.StartsWith("--", StringComparison.Ordinal);
}
