using System.CommandLine;

namespace VoiceWorker.Verbs.Audit;

/// <summary>The command line of <c>audit</c>.</summary>
internal static class AuditCommand
{
    private const int DefaultLimit = 50;

    /// <summary>The command with its four verbs.</summary>
    public static Command Build() => new("audit", "The audit trail: look at it, publish it again, or check it against what was recorded")
    {
        BuildHistory("list", "Show one line for each event, the latest first"),
        BuildHistory("show", "Show whole events, the latest first"),
        BuildReplay(),
        BuildVerify(),
    };

    private static Command BuildHistory(string name, string description)
    {
        var which = new AuditSelection();
        var limit = new Option<int>("--limit")
        {
            Description = "At most so many; 0 means all", DefaultValueFactory = _ => DefaultLimit,
        }.Between(0, int.MaxValue);
        var oldest = new Option<bool>("--oldest-first") { Description = "The oldest first" };
        var json = Json();
        var verb = CommandLine.Verb(name, description, (given, settings) => AuditHistoryVerb.RunAsync(
            settings, which.Read(given) with { NewestFirst = !given.GetValue(oldest) }, given.GetValue(limit),
            given.GetValue(json) ? AuditHistoryForm.Json : name == "show" ? AuditHistoryForm.Whole : AuditHistoryForm.Lines),
            which.Call, which.Business, which.Schema, which.From, which.To, limit, oldest, json);
        verb.Validators.Add(given =>
        {
            if (AuditSelection.CountOf(given, which.Schema) == 1 && AuditSelection.CountOf(given, which.Call, which.Business) > 0)
                given.AddError($"audit {name} takes --schema without --call and --business.");
        });
        return verb;
    }

    private static Command BuildReplay()
    {
        var which = new AuditSelection();
        var all = new Option<bool>("--all") { Description = "The events of all streams, in the order of the store" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Say what would be published, and publish nothing" };
        var queue = new Option<string?>("--to-queue")
        {
            Description = "Straight into this queue, instead of the exchanges that every consumer is bound to",
        };
        var rate = new Option<int?>("--rate") { Description = "At most so many events per second" }.Between(1, 1_000_000);
        const string description = "Publish events once more, with their ids and sequences and the header x-replay";
        var verb = CommandLine.Verb("replay", description, (given, settings) =>
            AuditReplayVerb.RunAsync(settings, which.Read(given), given.GetValue(queue), given.GetValue(rate), given.GetValue(dryRun)),
            which.Business, which.Schema, all, which.From, which.To, dryRun, queue, rate);
        verb.Validators.Add(given =>
        {
            if (AuditSelection.CountOf(given, which.Business, which.Schema, all) != 1)
                given.AddError("audit replay needs one of --business, --schema and --all.");
            if (given.GetValue(queue) is { Length: 0 })
                given.AddError("--to-queue needs the name of a queue.");
        });
        return verb;
    }

    private static Command BuildVerify()
    {
        var json = Json();
        const string description = "Derive the audit trail again and report every difference to what was recorded";
        return CommandLine.Verb("verify", description, (given, settings) => AuditVerifyVerb.RunAsync(settings, given.GetValue(json)), json);
    }

    private static Option<bool> Json() => new("--json") { Description = "Write JSON" };
}
