using System.CommandLine;
using System.CommandLine.Parsing;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Validation;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.Audit;

/// <summary>The options by which the verbs of <c>audit</c> are told which events are meant.</summary>
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
