using System.CommandLine;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.DeadLetters;

/// <summary>The command line of <c>dead-letters</c>.</summary>
internal static class DeadLettersCommand
{
    /// <summary>The command with its four verbs.</summary>
    public static Command Build()
    {
        var json = OptionSyntax.Flag("--json", "Write JSON");
        var which = Id("The dead letter, as list shows it");
        var id = Id("One dead letter, as list shows it");
        var all = OptionSyntax.Flag("--all", "Every dead letter that is there now");
        var replay = Verb.Of("replay", "Put it back into the queue that it failed in", (parsed, settings) =>
            DeadLettersVerb.ReplayAsync(settings, parsed.GetValue(id), parsed.GetValue(json)), id, all, json);
        var discard = Verb.Of("discard", "Delete it for good, without asking", (parsed, settings) =>
            DeadLettersVerb.DiscardAsync(settings, parsed.GetValue(id), parsed.GetValue(json)), id, all, json);
        which.Required = true;
        RequireOneOf(replay, id, all);
        RequireOneOf(discard, id, all);
        return new Command("dead-letters", "Messages that could not be processed: look at them, replay or discard them")
        {
            Verb.Of("list", "Show which there are, and why", (parsed, settings) =>
                DeadLettersVerb.ListAsync(settings, parsed.GetValue(json)), json),
            Verb.Of("show", "Show one with its headers and its body", (parsed, settings) =>
                DeadLettersVerb.ShowAsync(settings, parsed.GetValue(which)!, parsed.GetValue(json)), which, json),
            replay,
            discard,
        };
    }

    private static Option<string?> Id(string description) => new Option<string?>("--id") { Description = description }
        .Needs("an id as dead-letters list shows it", text => string.IsNullOrWhiteSpace(text) ? null : text);

    private static void RequireOneOf(Command verb, Option<string?> id, Option<bool> all) => verb.Validators.Add(given =>
    {
        if (given.CountOf(id, all) != 1)
            given.AddError($"{verb.Name} needs either --id with an id as dead-letters list shows it, or --all.");
    });
}
