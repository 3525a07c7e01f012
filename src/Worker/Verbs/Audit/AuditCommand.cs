using System.CommandLine;
using System.Text;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.Audit;

/// <summary>The command line of <c>audit</c>.</summary>
internal static class AuditCommand
{
    private const int DefaultLimit = 50;
    private const int LongestQueueName = 255;

    /// <summary>The command with its four verbs.</summary>
    public static Command Build() => Verb.Group(
        "audit", "The audit trail: look at it, publish it again, or check it against what was recorded",
        BuildHistory("list", "Show one line for each event, the latest first"),
        BuildHistory("show", "Show whole events, the latest first"), BuildReplay(), BuildVerify());

    private static Command BuildHistory(string name, string description)
    {
        var which = new AuditSelection();
        var limit = new Option<int?>("--limit")
        {
            Description = "At most so many; 0 means all", DefaultValueFactory = _ => DefaultLimit,
        }.NeedsWhole(0, int.MaxValue);
        var oldest = OptionSyntax.Flag("--oldest-first", "The oldest first");
        var json = Json();
        var verb = Verb.Of(name, description, (given, settings) => AuditHistoryVerb.RunAsync(
            settings, which.Read(given) with { NewestFirst = !given.GetValue(oldest) }, given.GetValue(limit)!.Value,
            given.GetValue(json) ? AuditHistoryForm.Json
                : name == "show" ? AuditHistoryForm.Whole : AuditHistoryForm.Lines),
            which.Call, which.Business, which.Schema, which.From, which.To, limit, oldest, json);
        verb.Validators.Add(given =>
        {
            if (given.CountOf(which.Schema) == 1 && given.CountOf(which.Call, which.Business) > 0)
                given.AddError($"audit {name} takes --schema without --call and --business.");
        });
        which.RequireFromBeforeTo(verb);
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
        }.Needs($"the name of a queue (1–{LongestQueueName} bytes of UTF-8, not blank)", text =>
            !string.IsNullOrWhiteSpace(text) && Encoding.UTF8.GetByteCount(text) <= LongestQueueName ? text : null);
        var rate =
            new Option<int?>("--rate") { Description = "At most so many events per second" }.NeedsWhole(1, 1_000_000);
        const string description = "Publish events once more, with their ids and sequences and the header x-replay";
        var verb = Verb.Of("replay", description, (given, settings) =>
            AuditReplayVerb.RunAsync(
                settings, which.Read(given), given.GetValue(queue), given.GetValue(rate), given.GetValue(dryRun)),
            which.Business, which.Schema, all, which.From, which.To, dryRun, queue, rate);
        verb.Validators.Add(given =>
        {
            if (given.CountOf(which.Business, which.Schema, all) != 1)
                given.AddError("audit replay needs one of --business, --schema and --all.");
        });
        which.RequireFromBeforeTo(verb);
        return verb;
    }

    private static Command BuildVerify()
    {
        var json = Json();
        const string description = "Derive the audit trail again and report every difference to what was recorded";
        return Verb.Of(
            "verify", description, (given, settings) => AuditVerifyVerb.RunAsync(settings, given.GetValue(json)), json);
    }

    private static Option<bool> Json() => OptionSyntax.Flag("--json", "Write JSON");
}
