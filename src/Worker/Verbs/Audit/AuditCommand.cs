using System.CommandLine;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.Audit;

/// <summary>The command line of <c>audit</c>.</summary>
internal static class AuditCommand
{
    public static Command Build() => Verb.Group(
        "audit", "The audit trail: look at it, publish it again, or check it against what was recorded",
        BuildHistory("list", "Show one line for each event, the latest first", isWhole: false),
        BuildHistory("show", "Show whole events with what caused them, the latest first", isWhole: true),
        BuildReplay(), BuildVerify());

    private static Command BuildHistory(string name, string description, bool isWhole)
    {
        var which = new AuditSelection();
        var limit = OptionSyntax.Limit();
        var oldest = OptionSyntax.Flag("--oldest-first", "The oldest first");
        var json = Json("Write JSON: one array");
        var lines = OptionSyntax.Flag("--json-lines", "Write JSON: each event on a line of its own, as it is read");
        var verb = Verb.Of(name, description, (given, settings) => AuditHistoryVerb.RunAsync(
            settings, which.Read(given) with { NewestFirst = !given.GetValue(oldest) }, given.GetValue(limit)!.Value,
            new(isWhole, given.GetValue(json) ? JsonForm.Array : given.GetValue(lines) ? JsonForm.Lines : null)),
            [.. which.Options, limit, oldest, json, lines]);
        which.AddRules(verb);
        verb.Validators.Add(given =>
        {
            if (given.CountOf(json, lines) == 2)
                given.AddError($"audit {name} takes --json or --json-lines, not both.");
        });
        return verb;
    }

    private static Command BuildReplay()
    {
        var which = new AuditSelection();
        var all = OptionSyntax.Flag("--all", "The events of all streams, in the order of the store");
        var dryRun = OptionSyntax.Flag("--dry-run", "Say what would be published, and publish nothing");
        var queue = new Option<string?>("--to-queue")
        {
            Description = "Straight into this queue, instead of the exchanges that every consumer is bound to",
        }.Needs(AuditReplayTarget.QueueRule, text => AuditReplayTarget.IsQueue(text) ? text : null);
        var rate =
            new Option<int?>("--rate") { Description = "At most so many events per second" }.NeedsWhole(1, 1_000_000);
        var note = OperatorAct.NoteOption();
        const string description = "Publish events once more, with their ids and sequences and the header x-replay";
        var verb = Verb.Of("replay", description, (given, settings) =>
            AuditReplayVerb.RunAsync(
                settings, which.Read(given), new(given.GetValue(queue), given.GetValue(rate)), given.GetValue(dryRun),
                OperatorAct.Of(given, note)),
            [all, .. which.Options, dryRun, queue, rate, note]);
        which.AddRules(verb);
        verb.Validators.Add(given =>
        {
            // A filter alone may be a slip of whoever meant one business: consumers would get all.
            if (given.CountOf(which.Business, which.Schema, all) != 1)
                given.AddError("audit replay needs one of --business, --schema and --all.");
        });
        return verb;
    }

    private static Command BuildVerify()
    {
        var json = Json("Write JSON");
        var seals = new Option<string?>("--seals")
        {
            Description = "A file of TrailSealed messages that were kept elsewhere, one on each line, to compare with",
        }.Needs("the name of a file", text => string.IsNullOrWhiteSpace(text) ? null : text);
        const string description = "Derive the audit trail again and report every difference to what was recorded";
        return Verb.Of(
            "verify", description,
            (given, settings) => AuditVerifyVerb.RunAsync(settings, given.GetValue(seals), given.GetValue(json)),
            seals, json);
    }

    private static Option<bool> Json(string description) => OptionSyntax.Flag("--json", description);
}
