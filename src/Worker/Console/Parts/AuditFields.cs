using System.Globalization;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Verbs.Audit;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.WebConsole.Parts;

/// <summary>Which events of the trail a page or a form means.</summary>
internal static class AuditFields
{
    public const string Stream = "stream";
    public const string Call = "call";
    public const string Sequence = "sequence";
    public const string From = "from";
    public const string To = "to";
    public const string Type = "type";
    public const string Reason = "reason";
    public const string Source = "source";
    public const string Voice = "voice";

    private static readonly string[] Named =
        [AuditEvent.SchemaStream, AuditEvent.SealStream, AuditEvent.OperatorsStream];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [Stream, Call, Sequence, From, To, Type, Reason, Source, Voice];

    /// <summary>Types with what they tell.</summary>
    public static IReadOnlyList<(string Value, string Text)> Types { get; } =
        [.. AuditSelection.Types.Keys.Select(type => (type, TypeWords(type)))];

    /// <summary>What an event of a type tells, in a few words.</summary>
    public static string TypeWords(string type) => type switch
    {
        nameof(CallVoiceResolved) => "call got its voice",
        nameof(BusinessVoiceUpdated) => "voice changed",
        nameof(BusinessVoiceChangeRejected) => "change not made",
        nameof(SchemaMigrated) => "schema migrated",
        nameof(HistoryLost) => "history lost",
        nameof(TrailSealed) => "trail sealed",
        nameof(OperatorActed) => "operator acted",
        _ => Parts.Names.Words(type),
    };

    /// <summary>Reads them; what breaks a rule is a fault of what was given.</summary>
    public static AuditQuery Read(Given given)
    {
        var (from, to) = given.Span(From, To);
        return new()
        {
            Stream = given.Read(
                Stream, $"the number of a business or one of {string.Join(", ", Named)}", ReadStream),
            CallId = given.Read(
                Call, "a call id (1–64 printable characters)", text => ContractSyntax.IsCallId(text) ? text : null),
            Sequences = given.Read(
                Sequence, "a sequence from 1, or a range of them: 3, 3..5, 3.. or ..5", AuditSelection.ReadRange)
                ?? SequenceRange.All,
            From = from, To = to,
            Type = given.OneOf(Type, [.. AuditSelection.Types.Keys]) is { } type ? AuditSelection.Types[type] : null,
            Reason = given.OneOf(Reason, AuditSelection.Reasons),
            Source = given.OneOf(Source, AuditSelection.Sources),
            Voice = given.Read(
                Voice, "a voice (1–32 printable characters)", text => ContractSyntax.IsVoiceId(text) ? text : null),
        };
    }

    private static string? ReadStream(string text) => Named.Contains(text, StringComparer.Ordinal) ? text
        : int.TryParse(text.Replace("business-", "", StringComparison.Ordinal), NumberStyles.None,
            CultureInfo.InvariantCulture, out var business) && business > 0
            ? AuditEvent.BusinessStream(business) : null;
}
