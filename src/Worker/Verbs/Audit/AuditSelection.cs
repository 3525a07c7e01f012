using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence.Audit;

namespace VoiceWorker.Verbs.Audit;

/// <summary>The options by which the verbs of <c>audit</c> are told which events are meant.</summary>
internal sealed class AuditSelection
{
    public Option<string?> Call { get; } = new("--call") { Description = "Only the events of this call" };

    public Option<int?> Business { get; } = new Option<int?>("--business")
    {
        Description = "Only the events of this business",
    }.Between(1, int.MaxValue);

    public Option<bool> Schema { get; } = new("--schema") { Description = "Only the events of the database schema" };

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

    /// <summary>How many of the given options were used.</summary>
    public static int CountOf(CommandResult given, params Option[] options) =>
        options.Count(option => given.GetResult(option) is { Implicit: false });

    private static Option<DateTimeOffset?> Instant(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = given =>
        {
            // A time without an offset would mean another one on another machine; a bare day is that of UTC.
            string[] formats = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'"];
            const DateTimeStyles asUtc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
            if (DateTimeOffset.TryParseExact(given.Tokens[0].Value, formats, CultureInfo.InvariantCulture, asUtc, out var instant))
                return instant;
            given.AddError($"{name} needs a day such as 2026-01-31 or an instant with its offset such as 2026-01-31T09:30:00Z, not '{given.Tokens[0].Value}'.");
            return null;
        },
    };
}
