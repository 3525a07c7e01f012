using System.CommandLine;
using System.CommandLine.Help;
using VoiceWorker.Observability;

namespace VoiceWorker.Verbs.Shell;

/// <summary>A verb of the command line: takes settings beside its options, reports its failure, returns its exit
/// code.</summary>
internal static class Verb
{
    /// <summary>One verb with its options.</summary>
    public static Command Of(
        string name, string description, Func<ParseResult, string[], Task<int>> run, params Option[] options)
    {
        var verb = new Command(name, description);
        foreach (var option in options)
            verb.Add(option);
        SetAction(verb, run);
        return verb;
    }

    /// <summary>Verbs under one name. Alone it shows its help; a word that is none of them is told with the one that is
    /// meant.</summary>
    public static Command Group(string name, string description, params Command[] verbs)
    {
        var group = new Command(name, description) { TreatUnmatchedTokensAsErrors = false };
        foreach (var verb in verbs)
            group.Add(verb);
        group.SetAction(parsed =>
        {
            if (parsed.UnmatchedTokens is not [{ } word, ..] || word.StartsWith("--", StringComparison.Ordinal))
            {
                new HelpAction().Invoke(parsed);
                return ExitCode.Usage;
            }

            return FailureReport.Write(new SettingsException(Unknown(group, word)));
        });
        return group;
    }

    /// <summary>What is told of a word that is no verb of a group.</summary>
    internal static string Unknown(Command group, string word)
    {
        var names = group.Subcommands.Select(verb => verb.Name).ToList();
        return $"{group.Name} has no verb '{PlainText.Escape(word)}'{Spelling.DidYouMean(word, names)}; "
            + $"there are {string.Join(", ", names)}.";
    }

    /// <summary>Lets a command run, also the root.</summary>
    public static void SetAction(Command verb, Func<ParseResult, string[], Task<int>> run)
    {
        verb.TreatUnmatchedTokensAsErrors = false;
        verb.SetAction(async (parsed, _) =>
        {
            try
            {
                var known = verb.Subcommands.Select(inner => inner.Name).Concat(verb.Options.Select(one => one.Name));
                return await run(parsed, SettingArguments.Check(parsed.UnmatchedTokens, [.. known]));
            }
            catch (Exception failure)
            {
                return FailureReport.Write(failure);
            }
        });
    }
}
