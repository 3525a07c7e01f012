using System.CommandLine;

namespace VoiceWorker.Verbs.Shell;

/// <summary>What a verb takes without the name of an option, such as queues. The parser takes settings for such words
/// too, as it knows none of their names.</summary>
internal static class Words
{
    /// <param name="name">Of one word, as the help shows it.</param>
    /// <param name="known">What shells complete.</param>
    public static Argument<string[]> Of(string name, string description, params string[] known)
    {
        var words = new Argument<string[]>(name)
        {
            Description = description, Arity = ArgumentArity.ZeroOrMore, HelpName = name,
        };
        words.CompletionSources.Add(known);
        return words;
    }

    /// <summary>Tells words from settings, which begin with two hyphens and may have their value behind them.</summary>
    public static (IReadOnlyList<string> Words, IReadOnlyList<string> Settings) Split(IEnumerable<string> tokens)
    {
        var (words, settings, needsValue) = (new List<string>(), new List<string>(), false);
        foreach (var token in tokens)
        {
            var isSetting = token.StartsWith("--", StringComparison.Ordinal);
            (isSetting || needsValue ? settings : words).Add(token);
            needsValue = isSetting && !needsValue && !token.Contains('=', StringComparison.Ordinal);
        }

        return (words, settings);
    }
}
