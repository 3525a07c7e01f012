using System.CommandLine;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.Acts;

/// <summary>The command line of <c>acts</c>.</summary>
internal static class ActsCommand
{
    private static readonly string[] Results = [.. Enum.GetValues<OperatorActResult>().Select(WireName.Of)];

    public static Command Build()
    {
        var name = Text("--operator", "A part of who acted, in any case");
        var action = Text("--verb", "What was run begins so, such as dead-letters");
        var result = new Option<string?>("--result") { Description = "How it ended" }.NeedsOneOf(Results);
        var from = new Option<DateTimeOffset?>("--from") { Description = "Not before" }.NeedsInstant();
        var to = new Option<DateTimeOffset?>("--to") { Description = "Before" }.NeedsInstant();
        var limit = OptionSyntax.Limit();
        var json = OptionSyntax.Flag("--json", "Write JSON");
        const string description = "Show what operators did, the latest first";
        var verb = Verb.Of("acts", description, (given, settings) => ActListVerb.RunAsync(
            settings, new(given.GetValue(name), given.GetValue(action), given.GetValue(result), given.GetValue(from),
                given.GetValue(to)), given.GetValue(limit)!.Value, given.GetValue(json)),
            name, action, result, from, to, limit, json);
        verb.Validators.Add(given =>
        {
            if (given.GetValue(from) is { } begin && given.GetValue(to) is { } end && begin >= end)
                given.AddError("--from must be before --to.");
        });
        return verb;
    }

    private static Option<string?> Text(string option, string description) =>
        new Option<string?>(option) { Description = description }.Needs(
            $"1–{OperatorActed.MaxOperatorLength} printable characters",
            text => PrintableText.Is(text, OperatorActed.MaxOperatorLength) ? text : null);
}
