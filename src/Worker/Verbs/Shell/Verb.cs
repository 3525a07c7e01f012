using System.CommandLine;
using System.CommandLine.Help;
using VoiceWorker.Boot;
using VoiceWorker.Persistence;

namespace VoiceWorker.Verbs.Shell;

/// <summary>A verb of the command line: takes settings beside its options, reports its failure, returns its exit
/// code.</summary>
internal static class Verb
{
    public static Command Of(
        string name, string description, Func<ParseResult, string[], Task<int>> run, params Option[] options)
    {
        var verb = new Command(name, description);
        foreach (var option in options)
            verb.Add(option);
        SetAction(verb, run);
        return verb;
    }

    /// <summary>A verb that takes words beside its options.</summary>
    public static Command Of(
        string name, string description, Argument<string[]> words,
        Func<ParseResult, IReadOnlyList<string>, string[], Task<int>> run, params Option[] options)
    {
        var verb = new Command(name, description) { words };
        foreach (var option in options)
            verb.Add(option);
        Act(verb, parsed =>
        {
            var (given, settings) = Words.Split([.. parsed.GetValue(words) ?? [], .. parsed.UnmatchedTokens]);
            return run(parsed, given, SettingArguments.Check(settings, [.. verb.Options.Select(one => one.Name)]));
        });
        return verb;
    }

    /// <summary>Verbs under one name. Alone it shows its help; a word that is none of them is answered with the one
    /// that is meant.</summary>
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

    /// <summary>The message for a word that is no verb of a group.</summary>
    internal static string Unknown(Command group, string word)
    {
        var names = group.Subcommands.Select(verb => verb.Name).ToList();
        return $"{group.Name} has no verb '{PeerText.Escape(word)}'{Spelling.DidYouMean(word, names)}; "
            + $"there are {string.Join(", ", names)}.";
    }

    /// <summary>Lets a command run, also the root.</summary>
    public static void SetAction(Command verb, Func<ParseResult, string[], Task<int>> run)
    {
        var known = verb.Subcommands.Select(inner => inner.Name).Concat(verb.Options.Select(one => one.Name));
        Act(verb, parsed => run(parsed, SettingArguments.Check(parsed.UnmatchedTokens, [.. known])));
    }

    private static void Act(Command verb, Func<ParseResult, Task<int>> run)
    {
        verb.TreatUnmatchedTokensAsErrors = false;
        verb.SetAction(async (parsed, _) =>
        {
            try
            {
                return await run(parsed);
            }
            catch (Exception failure)
            {
                return FailureReport.Write(failure);
            }
        });
    }
}

/// <summary>Settings on the command line: <c>--Section:Name value</c> or <c>--Section:Name=value</c>, and
/// <c>--urls</c>.</summary>
internal static class SettingArguments
{
    /// <summary>Passes only what can be a setting.</summary>
    /// <param name="tokens">What the verb did not know.</param>
    /// <param name="known">Names of the verb that may have been meant instead.</param>
    /// <exception cref="SettingsException">One of them cannot be a setting.</exception>
    public static string[] Check(IReadOnlyList<string> tokens, params string[] known)
    {
        for (var i = 0; i < tokens.Count; i++)
        {
            if (!IsSetting(tokens[i]))
            {
                var name = WithoutValue(tokens[i]);
                throw new SettingsException($"'{name}' is not known{Spelling.DidYouMean(name, known)}; "
                    + "settings look like --Voices:Default=ash, verbs are shown by --help");
            }

            if (!tokens[i].Contains('=', StringComparison.Ordinal) && ++i == tokens.Count)
                throw new SettingsException($"'{tokens[i - 1]}' needs a value");
        }

        return [.. tokens];
    }

    // What was meant as a value can be a secret.
    private static string WithoutValue(string token) =>
        token.Split(token.StartsWith("--", StringComparison.Ordinal) ? ['='] : ['=', ':'], 2)[0];

    private static bool IsSetting(string token)
    {
        if (!token.StartsWith("--", StringComparison.Ordinal))
            return false;
        var name = token[2..].Split('=', 2)[0];
        return name.Equals("urls", StringComparison.OrdinalIgnoreCase) || (name.Contains(':', StringComparison.Ordinal)
            && (SettingSections.Types.ContainsKey(name.Split(':', 2)[0])
                || name.StartsWith("Logging:", StringComparison.OrdinalIgnoreCase)));
    }
}

/// <summary>A setting on the command line is none.</summary>
/// <param name="message">Which, and what would be right.</param>
internal sealed class SettingsException(string message) : Exception(message);
