using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.Audit;

/// <summary>The options that select audit events. An event is selected when all that are given let it pass.</summary>
internal sealed class AuditSelection
{
    public Option<string?> Call { get; } = new Option<string?>("--call")
    {
        Description = "Only the events of this call",
    }.Needs(
        "a call id (1–64 printable characters, no surrounding white space)",
        text => ContractSyntax.IsCallId(text) ? text : null);

    public Option<int?> Business { get; } = new Option<int?>("--business")
    {
        Description = "Only the events of this business",
    }.NeedsWhole(1, int.MaxValue);

    public Option<bool> Schema { get; } = OptionSyntax.Flag("--schema", "Only the events of the database schema");

    public Option<DateTimeOffset?> From { get; } = Instant(
        "--from", "Decided then or later, such as 2026-01-31T09:30:00Z; a day means its midnight UTC");

    public Option<DateTimeOffset?> To { get; } = Instant("--to", "Decided before then");

    private Option<Guid?> Event { get; } = new Option<Guid?>("--event")
    {
        Description = "Only the event of this id",
    }.Needs<Guid?>(
        "an event id such as 01a205e7-56f6-7b7b-84e3-d4ce7a1605ce",
        text => Guid.TryParseExact(text, "D", out var id) ? id : null);

    private Option<string?> Type { get; } = new Option<string?>("--type")
    {
        Description = "Only events of this type",
    }.NeedsOneOf([.. Types.Keys]);

    private Option<string?> Reason { get; } = new Option<string?>("--reason")
    {
        Description = "Only calls that got their voice, and changes that were rejected, for this reason",
    }.NeedsOneOf(Reasons);

    private Option<string?> Source { get; } = new Option<string?>("--source")
    {
        Description = "Only calls whose voice comes from there",
    }.NeedsOneOf(Sources);

    private Option<string?> Voice { get; } = new Option<string?>("--voice")
    {
        Description = "Only calls that got this voice, and changes to it",
    }.Needs("a voice (1–32 printable characters)", text => ContractSyntax.IsVoiceId(text) ? text.Trim() : null);

    private Option<SequenceRange?> Sequence { get; } = new Option<SequenceRange?>("--sequence")
    {
        Description = "Only these sequences in their stream: 3, 3..5, 3.. or ..5",
    }.Needs("a sequence from 1, or a range of them: 3, 3..5, 3.. or ..5", ReadRange);

    /// <summary>All of them.</summary>
    public IReadOnlyList<Option> Options =>
        [Call, Business, Schema, From, To, Event, Type, Reason, Source, Voice, Sequence];

    /// <summary>The contracts of events by their names.</summary>
    internal static IReadOnlyDictionary<string, Type> Types { get; } =
        Exchanges.OfAuditEvents.Keys.ToDictionary(type => type.Name, StringComparer.Ordinal);

    /// <summary>Of calls and of rejected changes.</summary>
    internal static string[] Reasons { get; } = [.. NamesOf<VoiceReason>().Union(NamesOf<ChangeRejection>())];

    /// <summary>Of the voices of calls.</summary>
    internal static string[] Sources { get; } = NamesOf<VoiceSource>();

    /// <summary>What was given.</summary>
    public AuditQuery Read(ParseResult given) => new()
    {
        CallId = given.GetValue(Call),
        Stream = given.GetValue(Business) is { } business ? AuditEvent.BusinessStream(business)
            : given.GetValue(Schema) ? AuditEvent.SchemaStream : null,
        EventId = given.GetValue(Event),
        From = given.GetValue(From),
        To = given.GetValue(To),
        Sequences = given.GetValue(Sequence) ?? SequenceRange.All,
        Type = given.GetValue(Type) is { } type ? Types[type] : null,
        Reason = given.GetValue(Reason),
        Source = given.GetValue(Source),
        Voice = given.GetValue(Voice),
    };

    /// <summary>Refuses what no event could be of.</summary>
    public void AddRules(Command verb) => verb.Validators.Add(given =>
    {
        if (ValueOf(given, From) is { } from && ValueOf(given, To) is { } to && from >= to)
            given.AddError("--from must be before --to.");
        if (given.CountOf(Schema) == 1 && given.CountOf(Call, Business) > 0)
            given.AddError($"audit {verb.Name} takes --schema without --call and --business.");
    });

    /// <summary>A sequence, or two with dots between of which one may be missing; null for anything else.</summary>
    internal static SequenceRange? ReadRange(string text)
    {
        var (first, last) = text.Split("..") switch
        {
            [var only] => (Whole(only), Whole(only)),
            ["", ""] => (null, null),
            [var from, var to] => (from == "" ? 1 : Whole(from), to == "" ? long.MaxValue : Whole(to)),
            _ => (null, null),
        };
        return first is > 0 && last >= first ? new(first.Value, last.Value) : null;
    }

    private static long? Whole(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    // From its token: a value that cannot be read has an error of its own by now, and asking for it would throw.
    private static DateTimeOffset? ValueOf(CommandResult given, Option<DateTimeOffset?> option) =>
        given.GetResult(option) is { Tokens: [var token] } ? OptionSyntax.ReadInstant(token.Value) : null;

    private static string[] NamesOf<T>() where T : struct, Enum => [.. Enum.GetValues<T>().Select(WireName.Of)];

    private static Option<DateTimeOffset?> Instant(string name, string description) =>
        new Option<DateTimeOffset?>(name) { Description = description }.NeedsInstant();
}
