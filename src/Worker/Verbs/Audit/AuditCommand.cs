using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Validation;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.Audit;

/// <summary>The command line of <c>audit</c>.</summary>
internal static class AuditCommand
{
    private const int DefaultLimit = 50;
    private const int LongestQueueName = 255;

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

/// <summary>The options that select audit events.</summary>
internal sealed class AuditSelection
{
    public Option<string?> Call { get; } = new Option<string?>("--call")
    {
        Description = "Only the events of this call",
    }.Needs("a call id (1–64 printable characters, no surrounding white space)", text => IsCallId(text) ? text : null);

    public Option<int?> Business { get; } = new Option<int?>("--business")
    {
        Description = "Only the events of this business",
    }.NeedsWhole(1, int.MaxValue);

    public Option<bool> Schema { get; } = OptionSyntax.Flag("--schema", "Only the events of the database schema");

    public Option<DateTimeOffset?> From { get; } = Instant(
        "--from", "Decided then or later, such as 2026-01-31T09:30:00Z; a day means its midnight UTC");

    public Option<DateTimeOffset?> To { get; } = Instant("--to", "Decided before then");

    /// <summary>What was given.</summary>
    public AuditQuery Read(ParseResult given) => new()
    {
        CallId = given.GetValue(Call),
        Stream = given.GetValue(Business) is { } business ? AuditEvent.BusinessStream(business)
            : given.GetValue(Schema) ? AuditEvent.SchemaStream : null,
        From = given.GetValue(From),
        To = given.GetValue(To),
    };

    /// <summary>Refuses a time that ends before it begins: nothing could be of it.</summary>
    public void RequireFromBeforeTo(Command verb) => verb.Validators.Add(given =>
    {
        if (ValueOf(given, From) is { } from && ValueOf(given, To) is { } to && from >= to)
            given.AddError("--from must be before --to.");
    });

    // From its token: a value that cannot be read has an error of its own by now, and asking for it would throw.
    private static DateTimeOffset? ValueOf(CommandResult given, Option<DateTimeOffset?> option) =>
        given.GetResult(option) is { Tokens: [var token] } ? OptionSyntax.ReadInstant(token.Value) : null;

    // By the contract's own rule: what is no call id has never been recorded.
    private static bool IsCallId(string text) =>
        ContractRules.Check(new CallStarted(text, BusinessId: 1, DateTimeOffset.UnixEpoch)).Count == 0;

    private static Option<DateTimeOffset?> Instant(string name, string description) =>
        new Option<DateTimeOffset?>(name) { Description = description }.NeedsInstant();
}
