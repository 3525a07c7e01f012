using System.CommandLine;
using VoiceWorker.Persistence;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.DeadLetters;

/// <summary>The command line of <c>dead-letters</c>.</summary>
internal static class DeadLettersCommand
{
    private const int DefaultLimit = 1000;
    private const double DefaultWait = 30;

    public static Command Build() => Verb.Group(
        "dead-letters", "Messages that could not be processed: look at them, replay, correct or discard them",
        BuildList(), BuildShow(), BuildReplay(), BuildEdit(), BuildDiscard());

    private static Command BuildList()
    {
        var (which, json) = (new DeadLetterSelection(), Json());
        var group = OptionSyntax.Flag("--group", "Count them by queue and reason");
        which.Limit.DefaultValueFactory = _ => DefaultLimit;
        return Verb.Of("list", "Show which there are, and why, the oldest first", (given, settings) =>
            given.GetValue(group)
                ? DeadLetterListVerb.GroupAsync(settings, which.Read(given), given.GetValue(json))
                : DeadLetterListVerb.RunAsync(
                    settings, which.Read(given), given.GetValue(which.Limit)!.Value, given.GetValue(json)),
            [group, .. which.Filters, which.Limit, json]);
    }

    private static Command BuildShow()
    {
        var (which, json) = (new DeadLetterSelection(), Json());
        which.Id.Required = true;
        return Verb.Of("show", "Show one with its headers, its body and what breaks the contract", (given, settings) =>
            DeadLetterListVerb.ShowAsync(settings, which.Read(given), given.GetValue(json)),
            [which.Id, .. which.Filters, json]);
    }

    private static Command BuildReplay()
    {
        var (which, wait, note, json) =
            (new DeadLetterSelection(), Wait(), OperatorAct.NoteOption(), Json());
        var rate =
            new Option<int?>("--rate") { Description = "At most so many messages per second" }.NeedsWhole(1, 1_000_000);
        var dryRun = OptionSyntax.Flag("--dry-run", "Say how many would be sent, by reason, and send nothing");
        const string description = "Put it back into the queue that it failed in, and tell what came back";
        var verb = Verb.Of("replay", description, (given, settings) =>
        {
            var order = new ReplayOrder(
                which.Read(given), given.GetValue(which.Limit) ?? 0, given.GetValue(rate),
                TimeSpan.FromSeconds(given.GetValue(wait)!.Value)) { KeepsIds = given.GetValue(json) };
            return given.GetValue(dryRun)
                ? DeadLetterReplayVerb.PlanAsync(settings, order, given.GetValue(json))
                : DeadLetterReplayVerb.RunAsync(settings, order, given.GetValue(json), OperatorAct.Of(given, note));
        }, [which.Id, which.All, .. which.Filters, which.Limit, rate, dryRun, wait, note, json]);
        which.Require(verb);
        return verb;
    }

    private static Command BuildEdit()
    {
        var (which, wait, note, json) =
            (new DeadLetterSelection(), Wait(), OperatorAct.NoteOption(), Json());
        which.Id.Required = true;
        var set = new Option<string[]>($"--{DeadLetterEdit.Set}")
        {
            Description = "field=value, as often as there are fields to correct", Required = true,
        };
        var dryRun = OptionSyntax.Flag("--dry-run", "Show the copy and whether it keeps the contract; send nothing");
        set.Validators.Add(given =>
        {
            foreach (var token in given.Tokens.Where(token => token.Value.IndexOf('=', StringComparison.Ordinal) < 1))
                given.AddError($"--set needs field=value, not '{PeerText.Escape(token.Value)}'.");
        });
        return Verb.Of("edit", "Send a corrected copy, then let go of the original", (given, settings) =>
            DeadLetterEditVerb.RunAsync(
                settings, which.Read(given), given.GetValue(set)!, given.GetValue(dryRun),
                TimeSpan.FromSeconds(given.GetValue(wait)!.Value), given.GetValue(json), OperatorAct.Of(given, note)),
            [which.Id, .. which.Filters, set, dryRun, wait, note, json]);
    }

    private static Command BuildDiscard()
    {
        var (which, note, json) = (new DeadLetterSelection(), OperatorAct.NoteOption(), Json());
        var yes = OptionSyntax.Flag("--yes", "Do not ask; needed where nobody can be asked");
        var save = new Option<string?>("--save")
        {
            Description = "Write each with its body into this new file before anything is removed, one JSON a line",
        }.Needs("the name of a file", text => string.IsNullOrWhiteSpace(text) ? null : text);
        var verb = Verb.Of("discard", "Delete it for good; more than one only after asking", (given, settings) =>
            DeadLetterDiscardVerb.RunAsync(
                settings, which.Read(given), given.GetValue(which.Limit) ?? 0, given.GetValue(yes),
                given.GetValue(save), given.GetValue(json), OperatorAct.Of(given, note)),
            [which.Id, which.All, .. which.Filters, which.Limit, yes, save, note, json]);
        which.Require(verb);
        return verb;
    }

    private static Option<bool> Json() => OptionSyntax.Flag("--json", "Write JSON");

    private static Option<double?> Wait() => new Option<double?>("--wait")
    {
        Description = "At most so many seconds for what comes back; 0 does not wait",
        DefaultValueFactory = _ => DefaultWait,
    }.NeedsNumber(0, 86_400);
}
