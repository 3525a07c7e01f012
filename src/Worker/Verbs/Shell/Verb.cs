using System.CommandLine;

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

    /// <summary>Lets a command run, also the root.</summary>
    public static void SetAction(Command verb, Func<ParseResult, string[], Task<int>> run)
    {
        verb.TreatUnmatchedTokensAsErrors = false;
        verb.SetAction(async (parsed, _) =>
        {
            try
            {
                return await run(parsed, SettingArguments.Check(parsed.UnmatchedTokens));
            }
            catch (Exception failure)
            {
                return FailureReport.Write(failure);
            }
        });
    }
}
