using System.CommandLine;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.Stub;

/// <summary>The command line of <c>stub</c>.</summary>
internal static class StubCommand
{
    private const int LongestDelay = 60_000;

    public static Command Build()
    {
        var businesses = new Argument<string[]>("BUSINESS=VOICE")
        {
            Description = "What businesses have stored, such as 42=sage; 43= for nothing, *=marin for all others",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var table = new Option<FileInfo?>("--table")
        {
            Description = "The same in a file of JSON: {\"42\": \"sage\", \"43\": null, \"*\": \"marin\"}",
            HelpName = "file",
        };
        var delay = new Option<int?>("--delay") { Description = "Milliseconds before each answer" }
            .NeedsWhole(0, LongestDelay);
        var silent = OptionSyntax.Flag("--silent", "Take everything and answer nothing");
        const string description =
            "Answer calls and changes from a table, with RabbitMQ alone: for the tests of callers";
        return Verb.Of("stub", description, businesses, (given, words, settings) => StubVerb.RunAsync(
            settings, StubTable.Read(given.GetValue(table), words),
            TimeSpan.FromMilliseconds(given.GetValue(delay) ?? 0), given.GetValue(silent)), table, delay, silent);
    }
}
